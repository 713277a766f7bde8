using System.Globalization;
using Drover.Runtime.Docker;
using Drover.Runtime.Docker.Containers;

namespace Drover.Runtime.Probing;

public abstract partial record ProbeTarget
{
    /// <summary>
    /// The container's own health check, run by the engine. Use it where the image brings a good HEALTHCHECK, for
    /// Docker itself never restarts an unhealthy container.
    /// </summary>
    public sealed record DockerHealth : ProbeTarget
    {
        internal static readonly ProbeType About = new(
            "docker_health",
            "The container's health check, which the engine runs, says healthy; unhealthy fails with its last words. "
            + "While it says starting, and where there is none, nothing counts, and the message says so.",
            "For images with a HEALTHCHECK: Docker shows an unhealthy container and never restarts it. The engine's "
            + "own interval and retries come before the thresholds here, so a failure_threshold of 1 is usual.");

        /// <inheritdoc/>
        public override ProbeType Type => About;

        internal override IProbe CreateProbe(ProbeServices services) => new DockerHealthProbe(services.NeedDocker());
    }
}

/// <summary>Asks the engine for the verdict of the container's health check.</summary>
internal sealed class DockerHealthProbe(Func<DockerClient> docker) : IProbe
{
    public string Description => "docker health";

    public ValueTask<ProbeReport> RunAsync(ProbeSubject subject, CancellationToken cancellationToken) =>
        ContainerQuestion.AskAsync(docker, subject, Judge, cancellationToken);

    private static ProbeReport Judge(ContainerInspect container) => container.State.Health switch
    {
        _ when ContainerQuestion.WhyNotRunning(container) is { } why => ProbeReport.Failure(why),
        null or { Status: "none" or "" } => ProbeReport.Error(
            $"container \"{container.PlainName}\" has no health check to ask; "
            + "add a HEALTHCHECK to its image or use another probe"),
        { Status: "healthy" } => ProbeReport.Success($"container \"{container.PlainName}\" is healthy"),
        // Neither good nor bad: it must not end an instance that is within its own start period.
        { Status: "starting" } => ProbeReport.Error(
            $"the health check of container \"{container.PlainName}\" has no verdict yet (starting)"),
        { Status: "unhealthy" } health => ProbeReport.Failure(
            $"container \"{container.PlainName}\" is unhealthy: {LastWords(health)}"),
        var health => ProbeReport.Error(
            $"the engine says \"{ForeignText.OneLine(health.Status)}\" of the container's health, which is unknown"),
    };

    private static string LastWords(ContainerHealth health)
    {
        if (health.Log is not [.., var last])
        {
            return "its health check has said nothing yet";
        }

        var code = last.ExitCode.ToString(CultureInfo.InvariantCulture);
        var words = ForeignText.LastWords(last.Output);
        return words.Length == 0 ? $"its health check ended with exit code {code}" : $"exit code {code}: {words}";
    }
}
