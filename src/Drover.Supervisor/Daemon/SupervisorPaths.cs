using Drover.Supervisor.Control;

namespace Drover.Supervisor.Daemon;

/// <summary>Where a supervisor keeps what, below the data directory.</summary>
internal sealed record SupervisorPaths(string DataDirectory)
{
    /// <summary>The supervisor's own directory.</summary>
    internal string Own => Path.Combine(Path.GetFullPath(DataDirectory), "supervisor");

    /// <summary>Held by the daemon as long as it lives.</summary>
    internal string Lock => Path.Combine(Own, "lock");

    internal string Socket => ControlPath.Of(DataDirectory);

    internal string Run => Path.Combine(Own, "run.json");

    internal string States => Path.Combine(Own, "state");

    internal string History => Path.Combine(Own, "history");

    /// <summary>What a daemon in the background says.</summary>
    internal string DaemonLog => Path.Combine(Own, "daemon.log");

    /// <summary>What components write: a file each.</summary>
    internal string Logs => Path.Combine(Own, "logs");

    /// <summary>Directory of the files that carry a container's secrets into it.</summary>
    internal string SecretsOf(string component) => Path.Combine(Own, "secrets", component);

    /// <summary>Events on their way to those who are told of them: a directory each.</summary>
    internal string Webhooks => Path.Combine(Own, "webhooks");

    /// <summary>Number of the run, for ids of events.</summary>
    internal string EventRun => Path.Combine(Own, "events.run");

    /// <summary>What goes to a server: credentials and events that wait.</summary>
    internal string Uplink => Path.Combine(Own, "uplink");

    internal string Credentials => Path.Combine(Uplink, "agent.json");

    internal string StateOf(string component) => Path.Combine(States, component + ".state");
}
