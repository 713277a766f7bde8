namespace Drover.Wire.Commands;

/// <summary>What a host can be ordered to do.</summary>
public static class CommandTypes
{
    /// <summary>State, health and metrics of one app or <c>all</c>. Changes nothing.</summary>
    public const string Health = "health";

    /// <summary>One page of an app's log. Changes nothing.</summary>
    public const string Logs = "logs";

    /// <summary>Restart an app's container.</summary>
    public const string Restart = "restart";

    /// <summary>Start a stopped container.</summary>
    public const string Start = "start";

    /// <summary>Stop a running container.</summary>
    public const string Stop = "stop";

    /// <summary>The host's containers as the engine has them now. Changes nothing.</summary>
    public const string List = "list";

    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<string> All = [Health, Logs, Restart, Start, Stop, List];

    /// <summary>Those that change the host, which policy and roles guard.</summary>
    public static bool ChangesHost(string type) => type is Restart or Start or Stop;
}

/// <summary>Where a command stands; the closed set of <see cref="CommandDto.Status"/>.</summary>
public static class CommandStates
{
    /// <summary>Stored, waiting for its host.</summary>
    public const string Queued = "queued";

    /// <summary>The host has it and has not said that it began.</summary>
    public const string Leased = "leased";

    /// <summary>The host said that it began.</summary>
    public const string Executing = "executing";

    /// <summary>Reported as success.</summary>
    public const string Completed = "completed";

    /// <summary>Reported as failed, or cut short.</summary>
    public const string Failed = "failed";

    /// <summary>Taken back before a host took it.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>Not taken, or not finished, in its time.</summary>
    public const string Expired = "expired";

    /// <summary>All of them, as a command passes through them.</summary>
    public static readonly IReadOnlyList<string> All =
        [Queued, Leased, Executing, Completed, Failed, Cancelled, Expired];

    /// <summary>True for the states that nothing leaves.</summary>
    public static bool IsFinal(string state) => state is Completed or Failed or Cancelled or Expired;
}

/// <summary>Which process executes a command.</summary>
public static class ControlPlanes
{
    /// <summary>The host agent itself.</summary>
    public const string StatusPanel = "status_panel";

    /// <summary>The compose agent beside it.</summary>
    public const string ComposeAgent = "compose_agent";
}

/// <summary>Order of the queue, most urgent first: critical, high, normal, low.</summary>
public static class CommandPriorities
{
    /// <summary>Names from least to most urgent; the index is what the queue sorts by.</summary>
    public static readonly IReadOnlyList<string> Ascending = ["low", "normal", "high", "critical"];
}

/// <summary>
/// What an agent's wait may bring: query parameter <c>take</c>. An agent with its hands full of actions goes on asking
/// for the rest. A server that does not know the parameter answers as with <see cref="All"/>.
/// </summary>
public static class WaitScopes
{
    /// <summary>Everything; the default.</summary>
    public const string All = "all";

    /// <summary>Commands that change nothing, and logs to follow.</summary>
    public const string Looks = "looks";

    /// <summary>Logs to follow, no command.</summary>
    public const string Streams = "streams";
}

/// <summary>Codes in a report's <c>errors[]</c>; generated reference: docs/reference/errors.md.</summary>
public static class CommandErrors
{
    /// <summary>No container of this host has that app code, name or id.</summary>
    public const string ContainerNotFound = "container_not_found";
    /// <summary>Several containers answer to that app code; <c>details.candidates</c> names them.</summary>
    public const string ContainerAmbiguous = "container_ambiguous";
    /// <summary>The Docker Engine does not answer.</summary>
    public const string DockerUnavailable = "docker_unavailable";
    /// <summary>The container could not be inspected; health is unknown (fails closed).</summary>
    public const string HealthUnavailable = "health_unavailable";
    /// <summary>The engine could not read the log.</summary>
    public const string LogFetchFailed = "log_fetch_failed";
    /// <summary>The engine could not restart the container.</summary>
    public const string RestartFailed = "restart_failed";
    /// <summary>The engine could not start the container.</summary>
    public const string StartFailed = "start_failed";
    /// <summary>The engine could not stop the container.</summary>
    public const string StopFailed = "stop_failed";
    /// <summary>The engine could not list its containers.</summary>
    public const string ListFailed = "list_failed";
    /// <summary>A parameter is missing or out of range; the message names it.</summary>
    public const string InvalidParameters = "invalid_parameters";
    /// <summary>This agent does not know the command type.</summary>
    public const string UnknownType = "unknown_type";
    /// <summary>The policy on the host does not allow it.</summary>
    public const string PolicyDenied = "policy_denied";
    /// <summary>It took longer than <c>timeout_seconds</c>.</summary>
    public const string DeadlineExceeded = "deadline_exceeded";
    /// <summary>The agent ended while it ran; what was done is not known.</summary>
    public const string Interrupted = "interrupted";
    /// <summary>A defect of the agent; its log has more.</summary>
    public const string Internal = "internal_error";
}
