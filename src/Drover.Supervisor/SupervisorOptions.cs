using Drover.Supervisor.Documents;

namespace Drover.Supervisor;

/// <summary>Everything a supervisor is told at its start.</summary>
public sealed record SupervisorOptions
{
    /// <summary>Where state, history, logs and socket are kept. One supervisor to a directory.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>How its events call it; null: the machine's name with <c>-supervisor</c> behind it.</summary>
    public string? Name { get; init; }

    /// <summary>What the user's file says.</summary>
    public required SupervisorDocument Document { get; init; }

    /// <summary>Reads the user's file again. Throws a sentence for people where it cannot be used.</summary>
    public required Func<SupervisorDocument> Reread { get; init; }

    /// <summary>The server that events go to; null: there is none.</summary>
    public SupervisorServerOptions? Server { get; init; }

    /// <summary>Absolute path of that file, for those who ask from elsewhere; null where there is none.</summary>
    public string? Configuration { get; init; }

    /// <summary>Version of the executable.</summary>
    public string Version { get; init; } = "0.0.0";

    /// <summary>Variables that every component gets unless its own say otherwise: PATH, HOME and the like.</summary>
    public IReadOnlyDictionary<string, string> Foundation { get; init; } = new Dictionary<string, string>();

    /// <summary>The executable, and the verb of it, that changes user and limits for a command before it runs; null
    /// where components cannot have either.</summary>
    public (string Executable, IReadOnlyList<string> Arguments)? Shim { get; init; }

    /// <summary>Where the Docker Engine listens.</summary>
    public string DockerHost { get; init; } = "unix:///var/run/docker.sock";

    /// <summary>The process has other roles too: it does not end with the supervisor.</summary>
    public bool SharesProcess { get; init; }

    /// <summary>Value of NOTIFY_SOCKET; null: no service manager is told.</summary>
    public string? NotifySocket { get; init; }

    /// <summary>
    /// Where whoever put this process into the background hears that it is ready, or why it is not; null when it runs
    /// in the foreground.
    /// </summary>
    public string? StartSocket { get; init; }

    /// <summary>
    /// Value of WATCHDOG_USEC: within it the service manager wants to hear that every component's loop answers. Null:
    /// it does not.
    /// </summary>
    public TimeSpan? Watchdog { get; init; }

    /// <summary>
    /// Take in orphans of components, and reap them. Only in a process that has no children but ours.
    /// </summary>
    public bool ReapsOrphans { get; init; } = true;
}
