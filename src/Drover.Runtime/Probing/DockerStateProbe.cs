using Drover.Runtime.Docker;
using Drover.Runtime.Docker.Containers;

namespace Drover.Runtime.Probing;

public abstract partial record ProbeTarget
{
    /// <summary>
    /// The container runs, as the engine sees it. Use it for containers that have nothing better to ask, and to notice
    /// one that was paused or is restarted by somebody else; ends are seen by event without it.
    /// </summary>
    public sealed record DockerState : ProbeTarget
    {
        internal static readonly ProbeType About = new(
            "docker_state",
            "The engine says that the container runs and is neither paused nor restarting. An engine that does not "
            + "answer says nothing of the container and counts for nothing.",
            "For containers with nothing better to ask, and to notice a paused one. Its end is seen at once "
            + "without it.");

        /// <inheritdoc/>
        public override ProbeType Type => About;

        internal override IProbe CreateProbe(ProbeServices services) => new DockerStateProbe(services.NeedDocker());
    }
}

/// <summary>Asks the engine for the state of the container.</summary>
internal sealed class DockerStateProbe(Func<DockerClient> docker) : IProbe
{
    public string Description => "docker state";

    public ValueTask<ProbeReport> RunAsync(ProbeSubject subject, CancellationToken cancellationToken) =>
        ContainerQuestion.AskAsync(docker, subject, Judge, cancellationToken);

    private static ProbeReport Judge(ContainerInspect container) =>
        ContainerQuestion.WhyNotRunning(container) is { } why
            ? ProbeReport.Failure(why)
            : ProbeReport.Success($"container \"{container.PlainName}\" runs");
}
