namespace Drover.Gateway;

/// <summary>Where a gateway keeps what, below the data directory.</summary>
/// <param name="DataDirectory">That directory.</param>
public sealed record GatewayPaths(string DataDirectory)
{
    /// <summary>The gateway's own directory.</summary>
    public string Own => Path.Combine(Path.GetFullPath(DataDirectory), "gateway");

    /// <summary>Held as long as the gateway lives: one to a directory.</summary>
    public string Lock => Path.Combine(Own, "lock");

    /// <summary>Number of the run, by which ids of events rise over restarts.</summary>
    public string Run => Path.Combine(Own, "run");

    /// <summary>The token for operators, where the user chose none.</summary>
    public string AdminToken => Path.Combine(Own, "admin-token");

    /// <summary>The unix socket of this machine's verbs.</summary>
    public string AdminSocket => Path.Combine(Own, "admin.sock");

    /// <summary>The hostnames that agents registered.</summary>
    public string Registrations => Path.Combine(Own, "registrations.json");

    /// <summary>Events on their way to those who are told of them: a directory each.</summary>
    public string Webhooks => Path.Combine(Own, "webhooks");

    /// <summary>What goes to a server: credentials and events that wait.</summary>
    public string Uplink => Path.Combine(Own, "uplink");

    /// <summary>The credentials toward a server, unless the user says otherwise.</summary>
    public string Credentials => Path.Combine(Uplink, "agent.json");
}
