using Drover.Runtime.Docker;
using Drover.Runtime.Docker.Containers;

namespace Drover.Runtime.Probing;

/// <summary>What the probes of containers share: asking the engine, and what its silence means.</summary>
internal static class ContainerQuestion
{
    /// <summary>
    /// Inspects the container. One that is gone is a failure; an engine that gives no answer is an error, for a stopped
    /// engine must not count against what it ran.
    /// </summary>
    public static async ValueTask<ProbeReport> AskAsync(
        Func<DockerClient> docker,
        ProbeSubject subject,
        Func<ContainerInspect, ProbeReport> judge,
        CancellationToken cancellationToken)
    {
        if (subject.ContainerId is not { } id)
        {
            return ProbeReport.Error("cannot ask Docker: the component is not a container");
        }

        try
        {
            return judge(await docker().Containers.InspectAsync(id, cancellationToken));
        }
        catch (DockerApiException exception) when (exception.IsNotFound)
        {
            return ProbeReport.Failure($"there is no container {Short(id)} any more");
        }
        catch (DockerException exception)
        {
            return ProbeReport.Error(ForeignText.OneLine(exception.Message));
        }
    }

    /// <summary>Why the container does not run, as a sentence; null when it does.</summary>
    public static string? WhyNotRunning(ContainerInspect container) => container.State switch
    {
        { Paused: true } => $"container \"{container.PlainName}\" is paused",
        { Restarting: true } =>
            $"container \"{container.PlainName}\" is being restarted by its own restart policy "
            + $"\"{container.HostConfig.RestartPolicy.Name}\", {container.RestartCount} times so far",
        { Running: true } => null,
        { OomKilled: true } => $"container \"{container.PlainName}\" was killed for want of memory",
        { Status: "exited" or "dead" } state =>
            $"container \"{container.PlainName}\" ended with exit code {state.ExitCode}",
        { Error.Length: > 0 } state =>
            $"container \"{container.PlainName}\" did not start: {ForeignText.OneLine(state.Error)}",
        var state => $"container \"{container.PlainName}\" is {state.Status}",
    };

    private static string Short(string id) => id.Length > 12 ? id[..12] : id;
}
