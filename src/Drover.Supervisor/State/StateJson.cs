using System.Text.Json.Serialization;
using Drover.Core.Components;
using Drover.Core.Health;
using Drover.Supervisor.Control;
using Drover.Wire;

namespace Drover.Supervisor.State;

/// <summary>
/// How the supervisor's files are written. The values of Core are stored as they are, so that what a machine learns to
/// remember is remembered without another line; a test pins the form.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    IgnoreReadOnlyProperties = true,
    Converters =
    [
        typeof(UtcTimeConverter),
        typeof(EndCauseConverter),
        typeof(SnakeCase<ComponentState>),
        typeof(SnakeCase<InstancePhase>),
        typeof(SnakeCase<StopPurpose>),
        typeof(SnakeCase<HealthPhase>),
        typeof(SnakeCase<HistoryOutcome>),
        typeof(SnakeCase<ProbeKind>),
        typeof(SnakeCase<ProbeResult>),
        typeof(SnakeCase<ProbeOutcome>),
    ])]
[JsonSerializable(typeof(ComponentRecord))]
[JsonSerializable(typeof(RunRecord))]
[JsonSerializable(typeof(HistoryEntry))]
internal sealed partial class StateJson : JsonSerializerContext;
