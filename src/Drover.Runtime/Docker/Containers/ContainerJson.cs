using System.Text.Json.Serialization;

namespace Drover.Runtime.Docker.Containers;

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IReadOnlyList<ContainerSummary>))]
[JsonSerializable(typeof(ContainerInspect))]
[JsonSerializable(typeof(CreateContainer))]
[JsonSerializable(typeof(CreatedContainer))]
[JsonSerializable(typeof(ContainerExit))]
[JsonSerializable(typeof(ContainerProcesses))]
[JsonSerializable(typeof(CreateExec))]
[JsonSerializable(typeof(CreatedExec))]
[JsonSerializable(typeof(StartExec))]
[JsonSerializable(typeof(ExecInspect))]
internal sealed partial class ContainerJson : JsonSerializerContext;
