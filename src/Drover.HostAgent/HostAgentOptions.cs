using System.Net;
using Drover.Core.Trust;
using Drover.HostAgent.Legacy;
using Drover.Runtime.Uplink;
using Drover.Runtime.Uplink.Transport;
using Drover.Wire.Agents;
using Drover.Wire.Commands;
using ServerPinType = Drover.Core.Trust.ServerPin;

namespace Drover.HostAgent;

/// <summary>Everything a host agent is told at its start. Read once; a change needs a new start.</summary>
public sealed record HostAgentOptions
{
    /// <summary>Where journal, spool and run number are kept. One agent to a directory.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>The credentials file. Null: <c>agent.json</c> in the data directory.</summary>
    public string? CredentialsPath { get; init; }

    /// <summary>The server's base address. Needed to enroll; afterwards the credentials file has it and this overrides
    /// it.</summary>
    public Uri? Server { get; init; }

    /// <summary>Pin of the server's certificate, for one that no authority signed: see
    /// <see cref="ServerPinType"/>. Once enrolled the credentials file has it, and this is trusted
    /// besides.</summary>
    public string? ServerPin { get; init; }

    /// <summary>The one-time token. Needed while there are no credentials; ignored once they are there.</summary>
    public SecretToken? EnrollToken { get; init; }

    /// <summary>Enroll and end, instead of starting the loops.</summary>
    public bool Once { get; init; }

    /// <summary>With <see cref="Once"/>: how long to try a server that does not answer. Default 60 s.</summary>
    public TimeSpan OnceTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How people call this host. Null: the machine's own name.</summary>
    public string? Name { get; init; }

    /// <summary>Where the Docker Engine listens.</summary>
    public string DockerHost { get; init; } = "unix:///var/run/docker.sock";

    /// <summary>What the server may do here.</summary>
    public HostPolicy Policy { get; init; } = new();

    /// <summary>Address and port of the local API (<c>127.0.0.1:7781</c>), loopback only. Null: there is
    /// none.</summary>
    public string? LocalApiListen { get; init; }

    /// <summary>How often the whole list of containers is compared. Default 30 s; 5 s to 10 min.</summary>
    public TimeSpan ReconcileInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Version of the executable, as the server shows it.</summary>
    public string AgentVersion { get; init; } = "0.0.0";

    /// <summary>What serves a server of the older protocol in the place of a Drover server. Null: none of it.</summary>
    public LegacyOptions? Legacy { get; init; }

    /// <summary>Most bytes of events kept on disk while the server is away; the oldest are dropped and counted.
    /// Default 16 MiB.</summary>
    public long EventSpoolBytes { get; init; } = 16L << 20;

    /// <summary>Most bytes of command reports kept on disk while the server is away. Default 64 MiB.</summary>
    public long ReportSpoolBytes { get; init; } = 64L << 20;

    internal ServerPinType? Pin => ServerPinType.TryParse(ServerPin, out var pin) ? pin : null;

    internal string CredentialsFile => CredentialsPath ?? Path.Combine(DataDirectory, "agent.json");

    /// <summary>What of this the link to the server is made of.</summary>
    /// <param name="directory">The agent's own.</param>
    internal UplinkSpec Uplink(string directory) => new()
    {
        Purpose = "start the host agent",
        Kind = AgentKinds.HostAgent,
        Directory = directory,
        CredentialsFile = CredentialsFile,
        Server = Server,
        ServerKey = "--server or host_agent.server",
        Pin = Pin,
        Token = EnrollToken,
        Name = Name,
        Version = AgentVersion,
        GiveUpAfter = Once ? OnceTimeout : null,
        EventSpoolBytes = EventSpoolBytes,
    };

    /// <summary>Refuses what cannot work, with a sentence that names the configuration key.</summary>
    /// <exception cref="HostAgentStartException">The first key that is wrong.</exception>
    public void Validate()
    {
        Require(!string.IsNullOrWhiteSpace(DataDirectory), "data_dir", DataDirectory, "it is empty");
        var objection = Server is null ? null : ServerAddress.Objection(Server);
        Require(objection is null, "server", $"{Server}", objection);
        Require(
            ReconcileInterval >= TimeSpan.FromSeconds(5) && ReconcileInterval <= TimeSpan.FromMinutes(10),
            "reconcile_interval", $"{ReconcileInterval}", "it must lie between 5s and 10m");
        Require(EventSpoolBytes >= 64 << 10, "event_spool", $"{EventSpoolBytes}", "it must be at least 64KB");
        Require(ReportSpoolBytes >= 1 << 20, "report_spool", $"{ReportSpoolBytes}", "it must be at least 1MB");
        Require(OnceTimeout > TimeSpan.Zero, "once_timeout", $"{OnceTimeout}", "it must be longer than nothing");
        Require(
            ServerPin is null || Pin is not null, "server_pin", ServerPin, $"it must be {ServerPinType.Form}");
        Require(
            LocalApiListen is null || IPEndPoint.TryParse(LocalApiListen, out _),
            "local_api", LocalApiListen, "it must be an address and port such as 127.0.0.1:7781");
        Require(
            LocalApiListen is null || IPAddress.IsLoopback(IPEndPoint.Parse(LocalApiListen).Address),
            "local_api", LocalApiListen, "it asks nobody who they are, so it is for this machine only: 127.0.0.1:7781");
        ValidateLegacy();
        foreach (var type in Policy.AllowedTypes)
        {
            Require(
                CommandTypes.All.Contains(type), "policy.allowed_types", type,
                $"the command types are {string.Join(", ", CommandTypes.All)}");
        }
    }

    private void ValidateLegacy()
    {
        if (Legacy is not { } legacy)
        {
            return;
        }

        Require(Server is not null, "server", null, "with host_agent.legacy it must name the server to serve");
        Require(
            legacy.Register || Guid.TryParse(legacy.AgentId, out _), "legacy.agent_id", legacy.AgentId,
            "it must be a UUID");
        Require(
            !legacy.Register || legacy.AgentId.Length == 0, "legacy.agent_id", legacy.AgentId,
            "with host_agent.legacy.register it is given by the server; leave one of the two out");
        Require(
            !string.IsNullOrWhiteSpace(legacy.DeploymentHash), "legacy.deployment_hash", legacy.DeploymentHash,
            "it is missing; it is DEPLOYMENT_HASH of the old agent's .env");
        Require(
            !string.IsNullOrWhiteSpace(legacy.TokenFile), "legacy.token_file", legacy.TokenFile,
            "it is missing; write AGENT_TOKEN of the old agent's .env into a file of mode 0600 and name it here");
        Require(
            !Once, "legacy", "on", "there is nothing to enroll at a server of the older protocol; leave --once out");
    }

    private static void Require(bool holds, string key, string? value, string? why)
    {
        if (!holds)
        {
            throw new HostAgentStartException($"cannot use host_agent.{key} \"{value}\": {why}");
        }
    }
}
