using Drover.Runtime.Configuration;
using Drover.Runtime.Docker;
using Drover.Runtime.Docker.Containers;
using Drover.Supervisor.Documents;

namespace Drover.Supervisor.Containers;

/// <summary>
/// Brings one container into being: its image, its secrets, the container itself. A container that was made from the
/// same is started again as it is, so that its log goes on; else it is replaced. One that we did not make is not
/// touched.
/// </summary>
internal sealed class ContainerLauncher(ContainerDriverParts parts)
{
    // Seconds from the order to the start beyond which the clocks are two.
    private const long LongestStart = 30;

    /// <summary>Starts it and gives what the engine says of it then, and where its log begins.</summary>
    /// <param name="launch">What the user wants.</param>
    /// <param name="starting">Called before the engine is told to start it.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <exception cref="ContainerLaunchException">It cannot be started; the sentence says why.</exception>
    internal async Task<(ContainerInspect Container, EngineTimestamp LogFrom)> LaunchAsync(
        ContainerLaunch launch, Action starting, CancellationToken cancellationToken)
    {
        var docker = parts.Docker();
        try
        {
            if (launch.Secrets.Count > 0 && docker.Endpoint.SocketPath is null)
            {
                throw new ContainerLaunchException(
                    "secrets are files of this machine, and the Docker Engine is on another one; use its own secrets");
            }

            var image = await ImageAsync(docker, launch, cancellationToken);
            var plan = ContainerPlan.Of(launch, EnvironmentOf(launch), image, parts);
            ContainerSecrets.Write(parts.SecretsDirectory, launch);
            var id = await ContainerAsync(docker, plan, cancellationToken);
            var order = EngineTimestamp.From(parts.Clock.Time.GetUtcNow());
            starting();
            await docker.Containers.StartAsync(id, cancellationToken);
            var container = await docker.Containers.InspectAsync(id, cancellationToken);
            return (container, LogFrom(container, order));
        }
        catch (Exception error) when (error is DockerException or ConfigurationException or IOException
            or UnauthorizedAccessException)
        {
            throw new ContainerLaunchException(error.Message, error);
        }
    }

    /// <summary>
    /// A program writes before the engine notes that it started, so that its first lines are older than the start.
    /// They are not older than the order to start it, which everything of the run before is, for the engine reads a
    /// log to its end before it says that a run is over. An engine with another clock is believed for its own start.
    /// </summary>
    internal static EngineTimestamp LogFrom(ContainerInspect container, EngineTimestamp order)
    {
        if (container.State.StartedAt is not { } started)
        {
            return order;
        }

        var isPlausible = order <= started && started.Seconds - order.Seconds <= LongestStart;
        return isPlausible ? order : started;
    }

    /// <summary>The container of the component, by name; null when there is none or it is somebody else's.</summary>
    internal async Task<ContainerInspect?> FindAsync(string name, CancellationToken cancellationToken) =>
        await TryInspectAsync(parts.Docker(), name, cancellationToken) is { } found && IsOurs(found) ? found : null;

    /// <summary>Why the engine would restart it too; null when it would not.</summary>
    internal static string? PolicyConflict(ContainerInspect container) =>
        container.HostConfig.RestartPolicy.Name is "" or "no"
            ? null
            : $"container \"{container.PlainName}\" has Docker's own restart policy "
                + $"\"{container.HostConfig.RestartPolicy.Name}\", and two would restart it; "
                + $"run: docker update --restart=no {container.PlainName}";

    private bool IsOurs(ContainerInspect container) =>
        container.Config.Labels.GetValueOrDefault(ContainerPlan.ComponentLabel) == parts.Component
        && container.Config.Labels.GetValueOrDefault(ContainerPlan.SupervisorLabel) == parts.SupervisorId;

    private static Dictionary<string, string> EnvironmentOf(ContainerLaunch launch)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in launch.EnvironmentFiles.SelectMany(EnvironmentFile.Read))
        {
            environment[name] = value;
        }

        foreach (var (name, value) in launch.Environment)
        {
            environment[name] = value;
        }

        return environment;
    }

    /// <summary>What the image's name means, fetched first where the file says so.</summary>
    private static async Task<string> ImageAsync(
        DockerClient docker, ContainerLaunch launch, CancellationToken cancellationToken)
    {
        if (launch.Pull is not "always")
        {
            try
            {
                return (await docker.Images.InspectAsync(launch.Image, cancellationToken)).Id;
            }
            catch (DockerApiException missing) when (missing.IsNotFound)
            {
                if (launch.Pull is "never")
                {
                    throw new ContainerLaunchException(
                        $"there is no image \"{launch.Image}\" on this engine, and pull is never; build or load it",
                        missing);
                }
            }
        }

        await foreach (var progress in docker.Images.PullAsync(launch.Image, credentials: null, cancellationToken))
        {
            // Errors in it are thrown; the rest is for people who watch.
            _ = progress;
        }

        return (await docker.Images.InspectAsync(launch.Image, cancellationToken)).Id;
    }

    private async Task<string> ContainerAsync(
        DockerClient docker, ContainerPlan plan, CancellationToken cancellationToken)
    {
        var found = await TryInspectAsync(docker, plan.Name, cancellationToken);
        if (found is not null && !IsOurs(found))
        {
            throw new ContainerLaunchException(
                $"there is a container \"{plan.Name}\" already that this supervisor did not make"
                + (PolicyConflict(found) is null
                    ? ""
                    : $", kept alive by Docker's restart policy \"{found.HostConfig.RestartPolicy.Name}\"")
                + "; remove it or choose another container_name");
        }

        if (found is not null && PolicyConflict(found) is { } conflict)
        {
            throw new ContainerLaunchException(conflict);
        }

        if (found is { State.Running: true })
        {
            // An instance that nobody watches any more: there are never two, and never one of unknown beginning.
            await docker.Containers.StopAsync(found.Id, grace: null, cancellationToken);
        }

        if (found?.Config.Labels.GetValueOrDefault(ContainerPlan.LaunchLabel) == plan.Digest)
        {
            return found.Id;
        }

        if (found is not null)
        {
            await docker.Containers.RemoveAsync(found.Id, force: true, volumes: false, cancellationToken);
        }

        return (await docker.Containers.CreateAsync(plan.Create, plan.Name, cancellationToken)).Id;
    }

    private static async Task<ContainerInspect?> TryInspectAsync(
        DockerClient docker, string name, CancellationToken cancellationToken)
    {
        try
        {
            return await docker.Containers.InspectAsync(name, cancellationToken);
        }
        catch (DockerApiException missing) when (missing.IsNotFound)
        {
            return null;
        }
    }
}

/// <summary>A container cannot be started; the message is for people.</summary>
internal sealed class ContainerLaunchException(string message, Exception? inner = null) : Exception(message, inner);
