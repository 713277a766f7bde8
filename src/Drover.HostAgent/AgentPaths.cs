namespace Drover.HostAgent;

/// <summary>Where a host agent keeps what within its data directory, which a server may share.</summary>
internal sealed record AgentPaths(string DataDirectory)
{
    internal string Lock => Path.Combine(DataDirectory, "agent.lock");

    /// <summary>Everything below is the agent's own.</summary>
    internal string Own => Path.Combine(DataDirectory, "agent");

    internal string Run => Path.Combine(Own, "run");

    internal string Ledger => Path.Combine(Own, "ledger");

    internal string Events => Path.Combine(Own, "events");

    /// <summary>Journal of executions and reports that wait.</summary>
    internal string Commands => Path.Combine(Own, "commands");

    /// <summary>The same of an agent in legacy mode: what one server is told is never told another.</summary>
    internal string LegacyCommands => Path.Combine(Own, "legacy-commands");

    /// <summary>The id that registration at a server of the older protocol gave.</summary>
    internal string LegacyAgentId => Path.Combine(Own, "legacy-agent-id");
}
