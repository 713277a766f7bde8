namespace Drover.HostAgent.Commands;

/// <summary>What the command part is told at its start.</summary>
internal sealed record CommandRunnerOptions
{
    /// <summary>Directory of its own for journal and report spool.</summary>
    public required string Directory { get; init; }

    /// <summary>What this host allows.</summary>
    public HostPolicy Policy { get; init; } = new();

    /// <summary>Which process executes; see <see cref="Wire.Commands.ControlPlanes"/>.</summary>
    public string ControlPlane { get; init; } = Wire.Commands.ControlPlanes.StatusPanel;

    /// <summary>
    /// Called with a container's id after an action and before its report; ends when the server's inventory has what
    /// the action changed. Best effort: a report waits a second for it at most. Null: nothing is to be done.
    /// </summary>
    public Func<string, CancellationToken, Task>? Settled { get; init; }

    /// <summary>
    /// True where the server never delivers a command again: it is in the journal when it arrives, and one that is cut
    /// short before it began is reported as well.
    /// </summary>
    public bool IsDeliveredOnce { get; init; }

    /// <summary>Most bytes of reports kept while the server is away.</summary>
    public long ReportSpoolBytes { get; init; } = 64L << 20;

    /// <summary>How long one wait at the server lasts.</summary>
    public TimeSpan WaitTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a stop lets running commands finish before it cuts them short.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(8);
}
