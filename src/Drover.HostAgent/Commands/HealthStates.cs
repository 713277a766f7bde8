using Drover.Runtime.Docker.Containers;

namespace Drover.HostAgent.Commands;

/// <summary>
/// The engine's words for a container, as commands report them. A container whose first health check has not ended is
/// <c>unknown</c>: neither good nor bad is shown, as a readiness probe that has not yet answered keeps traffic away
/// without raising an alarm.
/// </summary>
internal static class HealthStates
{
    public const string Ok = "ok";
    public const string Unhealthy = "unhealthy";
    public const string UnknownStatus = "unknown";
    public const string Running = "running";
    public const string Exited = "exited";
    public const string Starting = "starting";
    public const string Failed = "failed";
    public const string UnknownState = "unknown";

    /// <summary>The engine's state as <c>container_state</c>.</summary>
    public static string StateOf(string engineState) => engineState switch
    {
        "running" => Running,
        "created" or "restarting" => Starting,
        "exited" or "removing" => Exited,
        "dead" => Failed,
        _ => UnknownState,
    };

    /// <summary>The engine's state and health check as <c>status</c>.</summary>
    /// <param name="engineState">As <see cref="ContainerState.Status"/>.</param>
    /// <param name="engineHealth">As <see cref="ContainerHealth.Status"/>; null without a health check.</param>
    public static string StatusOf(string engineState, string? engineHealth) => (engineState, engineHealth) switch
    {
        ("running", "unhealthy") => Unhealthy,
        ("running", "starting") => UnknownStatus,
        ("running", _) => Ok,
        ("created" or "restarting" or "exited" or "removing" or "dead", _) => Unhealthy,
        _ => UnknownStatus,
    };

    /// <summary>The same as the older protocol's app status has it.</summary>
    public static string AppStatusOf(string engineState) => engineState switch
    {
        "running" or "created" or "restarting" => "running",
        "paused" or "exited" or "removing" => "stopped",
        _ => "error",
    };

    /// <summary>
    /// The health check's word out of the list's sentence (<c>Up 3 minutes (healthy)</c>); null without one.
    /// </summary>
    public static string? HealthInSentence(string status) => status switch
    {
        _ when status.EndsWith("(healthy)", StringComparison.Ordinal) => "healthy",
        _ when status.EndsWith("(unhealthy)", StringComparison.Ordinal) => "unhealthy",
        _ when status.EndsWith("(health: starting)", StringComparison.Ordinal) => "starting",
        _ => null,
    };

    /// <summary>True for a container that is not meant to run now: it was never started, or it ended well.</summary>
    public static bool IsAtRest(ContainerSummary container) =>
        container.State is "created"
        || (container.State is "exited" && container.Status.StartsWith("Exited (0)", StringComparison.Ordinal));
}
