namespace Drover.Supervisor.Control;

/// <summary>What a supervisor and its components do at one instant.</summary>
public sealed record SupervisorStatus
{
    /// <summary>Version of the executable that answers.</summary>
    public required string Version { get; init; }

    /// <summary>Process id of the supervisor. Null: none runs, and what follows is what its files and the process table
    /// say.</summary>
    public int? Pid { get; init; }

    /// <summary>True when its process has other roles too and goes on without it; null when it has not.</summary>
    public bool? SharesProcess { get; init; }

    /// <summary>When the supervisor started; null when none runs.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>How the supervisor before this one ended: <c>first clean crash reboot</c>.</summary>
    public string? PreviousEnd { get; init; }

    /// <summary>The file its components stand in; null where nothing tells.</summary>
    public string? Configuration { get; init; }

    /// <summary>True while the supervisor ends and takes its components with it.</summary>
    public bool Stopping { get; init; }

    /// <summary>The server that events go to; null where there is none.</summary>
    public ServerLinkStatus? Server { get; init; }

    /// <summary>What is wrong with the supervisor's own work just now, as sentences that say what to do: a full disk, a
    /// log that cannot be kept. Empty when nothing is.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>All components, in the order of the user's file.</summary>
    public required IReadOnlyList<ComponentStatus> Components { get; init; }
}
