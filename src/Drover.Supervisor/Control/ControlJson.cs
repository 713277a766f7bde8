using System.Text.Json;
using System.Text.Json.Serialization;
using Drover.Core.Components;
using Drover.Core.Health;
using Drover.Wire;

namespace Drover.Supervisor.Control;

/// <summary>How the lines of the control socket are written: snake_case, nulls left out, times in UTC.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters =
    [
        typeof(UtcTimeConverter),
        typeof(SnakeCase<ControlVerb>),
        typeof(SnakeCase<ControlRefusal>),
        typeof(SnakeCase<ComponentKind>),
        typeof(SnakeCase<ComponentHealth>),
        typeof(SnakeCase<ComponentState>),
        typeof(SnakeCase<HistoryOutcome>),
        typeof(SnakeCase<ProbeKind>),
        typeof(SnakeCase<ProbeResult>),
        typeof(SnakeCase<ProbeOutcome>),
    ])]
[JsonSerializable(typeof(ControlRequest))]
[JsonSerializable(typeof(ControlReply))]
[JsonSerializable(typeof(SupervisorStatus))]
[JsonSerializable(typeof(IReadOnlyList<HistoryEntry>))]
public sealed partial class ControlJson : JsonSerializerContext;

/// <summary>Writes an enumeration by the names of its members, in snake_case.</summary>
public sealed class SnakeCase<T>()
    : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false)
    where T : struct, Enum;
