#pragma warning disable CS1591 // Each type carries its meaning as a value, which is what the reference prints.

namespace Drover.Core.Events;

/// <summary>
/// Every event type Drover can emit. The set is closed: a role that needs another adds it here, and the generated
/// reference (docs/reference/events.md) follows.
/// </summary>
public static class EventTypes
{
    public static readonly EventType HostEnrolled =
        Info("host.enrolled", "A host agent, or another role, enrolled with a token.", "name, kind, agent_version");
    public static readonly EventType HostLive = Info("host.live", "Heartbeats arrive in time (again).", "after");
    public static readonly EventType HostLate = Warning("host.late", "A heartbeat missed its deadline.", "last_seen");
    public static readonly EventType HostOffline =
        Error("host.offline", "No heartbeat came for the whole grace.", "last_seen");
    public static readonly EventType HostDockerDown =
        Error("host.docker_down", "The host agent lives but its Docker Engine does not answer.", "docker");
    public static readonly EventType HostGoodbye = Info("host.goodbye", "The host agent said that it stops.", "");
    public static readonly EventType HostCloned =
        Error("host.cloned", "Two machines use one credentials file.", "runs");
    public static readonly EventType HostRevoked =
        Warning("host.revoked", "An operator revoked the host's key: it is refused from then on.", "by");
    public static readonly EventType HostKeyRotated =
        Info("host.key_rotated", "The host signs with the new key it was ordered to make.", "");
    public static readonly EventType HostRemoved = Info("host.removed", "An operator removed the host.", "by");
    public static readonly EventType HostLegacy = Warning(
        "host.legacy", "The older agent protocol was switched on or off for the host.", "legacy, by");

    public static readonly EventType ContainerCreated =
        Info("container.created", "A container appeared that was not there before.", "app_code, name, image");
    public static readonly EventType ContainerStarted =
        Info("container.started", "A container started.", "app_code, name, image");
    public static readonly EventType ContainerDied =
        Warning("container.died", "A container's main process ended.", "app_code, name, image, exit_code");
    public static readonly EventType ContainerOom =
        Error("container.oom", "A process of the container was killed for want of memory.", "app_code, name, image");
    public static readonly EventType ContainerHealthy =
        Info("container.healthy", "Docker's health check passes (again).", "app_code, name, image");
    public static readonly EventType ContainerUnhealthy =
        Error("container.unhealthy", "Docker's health check failed its number of retries.", "app_code, name, image");
    public static readonly EventType ContainerPaused =
        Info("container.paused", "A container was paused.", "app_code, name, image");
    public static readonly EventType ContainerUnpaused =
        Info("container.unpaused", "A paused container runs again.", "app_code, name, image");
    public static readonly EventType ContainerRemoved =
        Info("container.removed", "A container was removed.", "app_code, name, image");

    public static readonly EventType CommandQueued =
        Info("command.queued", "A command was accepted and is stored.", "command_id, type, app_code, by");
    public static readonly EventType CommandLeased =
        Info("command.leased", "A host agent took the command.", "command_id, type, app_code, attempt");
    public static readonly EventType CommandCompleted =
        Info("command.completed", "A command ended well.", "command_id, type, app_code, by, duration_ms, executed_by");
    public static readonly EventType CommandFailed = Warning(
        "command.failed",
        "A command ended with an error.",
        "command_id, type, app_code, by, duration_ms, executed_by, error");
    public static readonly EventType CommandCancelled =
        Info("command.cancelled", "A command was cancelled before it ran.", "command_id, type, app_code, by");
    public static readonly EventType CommandExpired = Warning(
        "command.expired", "A command was not taken or finished in its time.", "command_id, type, app_code, by");

    public static readonly EventType ComponentStarted =
        Info("component.started", "A new instance of a component runs; it may not be ready yet.", "instance");
    public static readonly EventType ComponentReady =
        Info("component.ready", "The component serves: its probes pass (again).", "instance");
    public static readonly EventType ComponentUnhealthy = Warning(
        "component.unhealthy", "The component runs and does not pass its readiness probe.", "instance, message");
    public static readonly EventType ComponentExited = Warning(
        "component.exited",
        "An instance ended that nobody had ordered to stop, or was ended because a probe failed.",
        "instance, cause, message, uptime");
    public static readonly EventType ComponentStartFailed =
        Error("component.start_failed", "No instance could be started.", "instance, cause, message");
    public static readonly EventType ComponentAdopted =
        Info("component.adopted", "The supervisor started again and found the instance running.", "instance");
    public static readonly EventType ComponentUnseen = Warning(
        "component.unseen",
        "The Docker Engine does not answer, so that nothing is known of the container for now; it is asked again.",
        "instance, message");
    public static readonly EventType ComponentSeen =
        Info("component.seen", "The Docker Engine answers again and the container is watched as before.", "instance");
    public static readonly EventType ComponentStuck =
        Error("component.stuck", "An instance did not end although it was killed.", "instance");
    public static readonly EventType ComponentStopped = Info(
        "component.stopped",
        "The component rests: it was ordered to stop, or it ended and its restart policy leaves it so.",
        "instance, cause, message");
    public static readonly EventType ComponentFailed = Error(
        "component.failed",
        "The component is not restarted any more until its retry, if it has one.",
        "cause, message, retry_in");
    public static readonly EventType RestartScheduled = Warning(
        "restart.scheduled",
        "A component ended and will be started again.",
        "cause, message, delay, attempt, restarts_in_window");
    public static readonly EventType RestartExhausted = Error(
        "restart.exhausted",
        "A component reached the limit of restarts within its window, or Swarm has stopped restarting an agent.",
        "cause, message, restarts_in_window, window");

    public static readonly EventType AgentAdded =
        Info("agent.added", "The gateway leads to an agent that it did not lead to before.", "");
    public static readonly EventType AgentRemoved =
        Info("agent.removed", "The gateway leads to the agent no more.", "");
    public static readonly EventType AgentWake = Info(
        "agent.wake", "A sleeping agent is woken: scaled up, or let go on where it was frozen.", "cause, tier");
    public static readonly EventType AgentStarting =
        Info("agent.starting", "The agent is on its way and does not serve yet.", "cause");
    public static readonly EventType AgentReady =
        Info("agent.ready", "The agent serves (again).", "cause, tier, duration_ms");
    public static readonly EventType AgentSleep = Info(
        "agent.sleep",
        "The agent sleeps: stopped, or frozen at first where its tier is doze.",
        "cause, tier, message");
    public static readonly EventType AgentDegraded = Warning(
        "agent.degraded", "The agent should serve and does not.", "reason, message");
    public static readonly EventType AgentHealthFailed = Warning(
        "agent.health_failed", "The agent runs and failed its health checks as often as it may.", "failures, message");
    public static readonly EventType AgentEvicted =
        Info("agent.evicted", "The agent is put to sleep because another one needs the room.", "idle_seconds");

    public static readonly EventType AccessTokenCreated =
        Info("access.token_created", "A token was created.", "token_id, kind, name, role, by");
    public static readonly EventType AccessTokenRevoked =
        Info("access.token_revoked", "A token was revoked.", "token_id, name, by");
    public static readonly EventType AccessDenied =
        Warning("access.denied", "A request was refused: unknown caller or too small a role.", "reason, route, by");

    public static readonly EventType CertificateAnnounced = Info(
        "access.certificate_announced",
        "The server will have another certificate; the hosts are told.",
        "pin, switch_at, by");
    public static readonly EventType CertificateSwitched =
        Info("access.certificate_switched", "The server uses another certificate.", "pin, before");

    public static readonly EventType AlertLoss = Error(
        "alert.loss",
        "A bounded store on a host was full and dropped what it names; nothing else reports a loss.",
        "store, dropped");
    public static readonly EventType AlertDiskFull = Error(
        "alert.disk_full", "The disk of the components' logs is full: they lose what they log.", "message");
    public static readonly EventType AlertDiskFree =
        Info("alert.disk_free", "The disk of the components' logs has room again.", "message");
    public static readonly EventType AlertLogUnbounded =
        Warning("alert.log_unbounded", "A log cannot be kept within its bound and grows.", "message, bytes");
    public static readonly EventType AlertLogReplaced = Warning(
        "alert.log_replaced", "Somebody else emptied, replaced or deleted a component's log.", "message");
    public static readonly EventType AlertLogFailed =
        Warning("alert.log_failed", "A component's log cannot be kept for now; it is tried again.", "message");
    public static readonly EventType AlertLogResumed =
        Info("alert.log_resumed", "A component's log is kept again.", "message");

    public static readonly EventType ServerRestored = Warning(
        "server.restored",
        "The server's data was put back from a backup; what happened between the two is not known here. Ids go on far "
            + "beyond any that were given before.",
        "taken_at, commands_ended");

    /// <summary>All of them, in the order of the reference page.</summary>
    public static readonly IReadOnlyList<EventType> All =
    [
        HostEnrolled, HostLive, HostLate, HostOffline, HostDockerDown, HostGoodbye, HostCloned, HostRevoked,
        HostKeyRotated, HostRemoved,
        HostLegacy,
        ContainerCreated, ContainerStarted, ContainerDied, ContainerOom, ContainerHealthy, ContainerUnhealthy,
        ContainerPaused, ContainerUnpaused, ContainerRemoved,
        CommandQueued, CommandLeased, CommandCompleted, CommandFailed, CommandCancelled, CommandExpired,
        ComponentStarted, ComponentReady, ComponentUnhealthy, ComponentExited, ComponentStartFailed, ComponentAdopted,
        ComponentUnseen, ComponentSeen,
        ComponentStuck, ComponentStopped, ComponentFailed, RestartScheduled, RestartExhausted,
        AgentAdded, AgentRemoved, AgentWake, AgentStarting, AgentReady, AgentSleep, AgentDegraded, AgentHealthFailed,
        AgentEvicted,
        AccessTokenCreated, AccessTokenRevoked, AccessDenied, CertificateAnnounced, CertificateSwitched,
        AlertLoss, AlertDiskFull, AlertDiskFree, AlertLogUnbounded, AlertLogReplaced, AlertLogFailed, AlertLogResumed,
        ServerRestored,
    ];

    private static readonly Dictionary<string, EventType> ByName =
        All.ToDictionary(type => type.Name, StringComparer.Ordinal);

    /// <summary>The type of that name, or null where there is none.</summary>
    public static EventType? Find(string name) => ByName.GetValueOrDefault(name);

    private static EventType Info(string name, string meaning, string fields) =>
        new(name, EventSeverity.Info, meaning, fields);

    private static EventType Warning(string name, string meaning, string fields) =>
        new(name, EventSeverity.Warning, meaning, fields);

    private static EventType Error(string name, string meaning, string fields) =>
        new(name, EventSeverity.Error, meaning, fields);
}
