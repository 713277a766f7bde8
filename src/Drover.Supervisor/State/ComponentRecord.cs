using Drover.Core.Components;
using Drover.Core.Health;
using Drover.Supervisor.Control;

namespace Drover.Supervisor.State;

/// <summary>Everything about one component that a supervisor which starts again must know.</summary>
public sealed record ComponentRecord
{
    /// <summary>The version that is written.</summary>
    public const int CurrentVersion = 1;

    /// <summary>Of this form.</summary>
    public int Version { get; init; } = CurrentVersion;

    /// <summary>The boot during which it was written: instants and processes of another mean nothing.</summary>
    public required string Boot { get; init; }

    /// <summary>True while its start waits for what it depends on.</summary>
    public bool AwaitsStart { get; init; }

    /// <summary>What it has lived through.</summary>
    public required ComponentRuntime Runtime { get; init; }

    /// <summary>What its probes know.</summary>
    public required HealthState Health { get; init; }

    /// <summary>How its present instance is found; null before the launch has been reported.</summary>
    public InstanceRecord? Instance { get; init; }

    /// <summary>Ends that may not be in the history yet, oldest first; null for none.</summary>
    public IReadOnlyList<UnconfirmedEnd>? Ends { get; init; }

    /// <summary>The last thing that went wrong.</summary>
    public string? LastError { get; init; }

    /// <summary>Events that were decided and are not known to be kept for the server; null for none.</summary>
    public IReadOnlyList<RecordedEvent>? Events { get; init; }
}

/// <summary>
/// The end of an instance on its way into the history, which is another file: written down with what was decided of
/// it, so that a supervisor killed in between loses none.
/// </summary>
/// <param name="Entry">All but the last lines of the log.</param>
/// <param name="LogFrom">Where the instance's output begins.</param>
/// <param name="LogTo">Where it ends.</param>
public sealed record UnconfirmedEnd(HistoryEntry Entry, long LogFrom, long LogTo);
