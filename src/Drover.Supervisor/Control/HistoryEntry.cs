using Drover.Core.Health;

namespace Drover.Supervisor.Control;

/// <summary>What followed the end of an instance.</summary>
public enum HistoryOutcome
{
    /// <summary>Another instance at once.</summary>
    Restarted,

    /// <summary>Another instance after a delay.</summary>
    Backoff,

    /// <summary>Nothing: it rests.</summary>
    Stopped,

    /// <summary>Nothing, because it ended too often.</summary>
    Failed,
}

/// <summary>The end of one instance, and everything known about it at that moment.</summary>
public sealed record HistoryEntry
{
    /// <summary>When it ended.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Of which component.</summary>
    public required string Component { get; init; }

    /// <summary>Which instance.</summary>
    public required long Instance { get; init; }

    /// <summary>The cause in one word.</summary>
    public required string Cause { get; init; }

    /// <summary>The cause as a sentence.</summary>
    public required string Message { get; init; }

    /// <summary>The exit code, where it exited.</summary>
    public int? ExitCode { get; init; }

    /// <summary>The signal that ended it, where one did.</summary>
    public string? Signal { get; init; }

    /// <summary>How long it ran; null when it never did.</summary>
    public double? UptimeSeconds { get; init; }

    /// <summary>What followed.</summary>
    public required HistoryOutcome Outcome { get; init; }

    /// <summary>How long the restart waits.</summary>
    public double? DelaySeconds { get; init; }

    /// <summary>Restarts within the window, this one counted.</summary>
    public int RestartsInWindow { get; init; }

    /// <summary>What its probes had said last.</summary>
    public IReadOnlyList<HistoryProbe> Probes { get; init; } = [];

    /// <summary>The last lines it wrote, secrets taken out.</summary>
    public IReadOnlyList<string> Log { get; init; } = [];
}

/// <summary>What one probe had said when the instance ended.</summary>
public sealed record HistoryProbe(ProbeKind Kind, ProbeOutcome? Outcome, int InARow, string Message);
