using System.Text.Json;
using System.Text.Json.Serialization;

namespace Drover.Runtime.Docker.Swarm;

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IReadOnlyList<Service>))]
[JsonSerializable(typeof(CreatedService))]
[JsonSerializable(typeof(UpdatedService))]
[JsonSerializable(typeof(IReadOnlyList<SwarmTask>))]
[JsonSerializable(typeof(IReadOnlyList<SwarmNode>))]
[JsonSerializable(typeof(SwarmCluster))]
[JsonSerializable(typeof(InitSwarm))]
[JsonSerializable(typeof(JoinSwarm))]
[JsonSerializable(typeof(IReadOnlyList<SwarmFile>))]
[JsonSerializable(typeof(CreatedObject))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(string))]
internal sealed partial class SwarmJson : JsonSerializerContext;
