namespace Drover.Wire;

/// <summary>
/// Every path that crosses between Drover's processes, once. Templates in braces are route parameters.
/// </summary>
public static class Routes
{
    /// <summary>Unsigned; a one-time token in the body is the proof.</summary>
    public const string Enroll = "/api/agent/enroll";

    /// <summary>Signed, 30 s unless the server's <c>next_in</c> says else.</summary>
    public const string Heartbeat = "/api/agent/heartbeat";

    /// <summary>Signed; full inventory once, then deltas. Takes the plain array of the full list too.</summary>
    public const string Inventory = "/api/agent/containers";

    /// <summary>Signed; events of a role, in order, once.</summary>
    public const string AgentEvents = "/api/agent/events";

    /// <summary>
    /// Signed with the literal <c>STREAM</c> as body hash; NDJSON upload while somebody follows a log.
    /// </summary>
    public const string AgentStream = "/api/agent/streams/{id}";

    /// <summary>Signed long poll for one command; <c>timeout</c> in seconds in the query.</summary>
    public const string CommandWait = "/api/v1/agent/commands/wait/{hash}";

    /// <summary>Signed; the outcome of one command.</summary>
    public const string CommandReport = "/api/v1/agent/commands/report";

    /// <summary>Signed; keeps leases of commands in hand.</summary>
    public const string CommandRenew = "/api/v1/agent/commands/renew";

    /// <summary>Signed; after health, logs and restart. A 404 (a server of the older protocol) is harmless.</summary>
    public const string AppStatus = "/api/v1/apps/status";

    /// <summary>
    /// What installs an agent of the older protocol: a one-time token as bearer gives its credentials.
    /// </summary>
    public const string LegacyRegister = "/api/v1/agent/register";

    /// <summary>The older agent's own <c>register</c>: the same, with the token in the body.</summary>
    public const string LegacyMarketplaceRegister = "/api/v1/marketplace/agents/register";

    /// <summary>People and tools: hosts.</summary>
    public const string Hosts = "/api/v1/hosts";

    /// <summary>Admins: the older agent protocol, on or off for one host.</summary>
    public const string HostLegacy = Hosts + "/{host}/legacy";

    /// <summary>People and tools: containers of all hosts.</summary>
    public const string Containers = "/api/v1/containers";

    /// <summary>People and tools: order a command, list the queue and history.</summary>
    public const string Commands = "/api/v1/commands";

    /// <summary>People and tools: stored events, oldest first after a cursor.</summary>
    public const string Events = "/api/v1/events";

    /// <summary>People and tools: events as server-sent events, resumable by <c>Last-Event-ID</c>.</summary>
    public const string EventStream = "/api/v1/events/stream";

    /// <summary>People and tools: lines of one container's log as server-sent events while they are written.</summary>
    public const string LogStream = "/api/v1/logs/stream";

    /// <summary>People and tools: API tokens.</summary>
    public const string Tokens = "/api/v1/tokens";

    /// <summary>People and tools: one-time tokens that enroll a host.</summary>
    public const string EnrollmentTokens = "/api/v1/enrollment-tokens";

    /// <summary>Host agent: gives the new key it was ordered to make.</summary>
    public const string AgentKey = "/api/agent/key";

    /// <summary>Admins: refuse a host from now on, and keep it in the list.</summary>
    public const string HostRevocation = Hosts + "/{host}/revoke";

    /// <summary>Admins: order a host to make a new key.</summary>
    public const string HostKeyRotation = Hosts + "/{host}/rotate-key";

    /// <summary>People and tools: the server's certificate and the one that follows it.</summary>
    public const string Certificate = "/api/v1/certificate";

    /// <summary>Admins: announce another certificate.</summary>
    public const string CertificateRotation = "/api/v1/certificate/rotate";

    /// <summary>Admins: who did what, oldest first after a cursor.</summary>
    public const string Audit = "/api/v1/audit";

    /// <summary>People and tools: who the caller is and what the server is.</summary>
    public const string WhoAmI = "/api/v1/whoami";

    /// <summary>People and tools: these routes and what they carry, as OpenAPI 3.1.</summary>
    public const string OpenApi = "/api/v1/openapi.json";

    /// <summary>The process answers. Never depends on anything else.</summary>
    public const string Live = "/livez";

    /// <summary>The database answers and startup is over.</summary>
    public const string Ready = "/readyz";

    /// <summary>Prometheus text.</summary>
    public const string Metrics = "/metrics";
}
