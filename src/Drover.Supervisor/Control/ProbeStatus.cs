using Drover.Core.Health;

namespace Drover.Supervisor.Control;

/// <summary>One probe of a component at one instant.</summary>
public sealed record ProbeStatus
{
    /// <summary>What it is asked for.</summary>
    public required ProbeKind Kind { get; init; }

    /// <summary>What it asks, as <c>tcp 127.0.0.1:7234</c>.</summary>
    public required string Target { get; init; }

    /// <summary>What is believed, after thresholds.</summary>
    public required ProbeResult Result { get; init; }

    /// <summary>What the last run found; null before the first.</summary>
    public ProbeOutcome? LastOutcome { get; init; }

    /// <summary>How many times in a row it found that.</summary>
    public int InARow { get; init; }

    /// <summary>What the last run said.</summary>
    public string Message { get; init; } = "";

    /// <summary>When the last run ended; null when none did since the supervisor started.</summary>
    public DateTimeOffset? LastRunAt { get; init; }

    /// <summary>How long it took.</summary>
    public double? LatencyMs { get; init; }

    /// <summary>When it runs next; null while it runs or rests.</summary>
    public DateTimeOffset? NextRunAt { get; init; }

    /// <summary>True from its failure until there is a new instance.</summary>
    public bool OnHold { get; init; }
}
