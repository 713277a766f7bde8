using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Drover.Runtime.Docker.Containers;
using Drover.Supervisor.Documents;

namespace Drover.Supervisor.Containers;

/// <summary>
/// From what the user's file says of a container to what the engine is asked for. Pure. Secrets are not in it: only the
/// directory that they are mounted from.
/// </summary>
/// <param name="Name">The container's name.</param>
/// <param name="Create">What the engine is asked for, labels included.</param>
internal sealed record ContainerPlan(string Name, CreateContainer Create)
{
    /// <summary>Whose the container is, as a component.</summary>
    internal const string ComponentLabel = "drover.component";

    /// <summary>Whose it is, as a supervisor.</summary>
    internal const string SupervisorLabel = "drover.supervisor";

    /// <summary>Digest of what it was made from.</summary>
    internal const string LaunchLabel = "drover.launch";

    /// <summary>Where secrets are in the container, a file each, as Swarm has it.</summary>
    internal const string SecretsPath = "/run/secrets";

    /// <summary>By it a container is known that can be started again as it is.</summary>
    internal string Digest => Create.Labels[LaunchLabel];

    /// <param name="launch">What the file says.</param>
    /// <param name="environment">Variables from files and from the file itself, the latter last.</param>
    /// <param name="imageId">What the image's name means now.</param>
    /// <param name="parts">Whose it is.</param>
    internal static ContainerPlan Of(
        ContainerLaunch launch,
        IReadOnlyDictionary<string, string> environment,
        string imageId,
        ContainerDriverParts parts)
    {
        var ports = launch.Ports.Select(PublishedPort.Parse).ToArray();
        var create = new CreateContainer
        {
            Image = launch.Image,
            Cmd = launch.Command.Count > 0 ? launch.Command : null,
            Env = [.. environment.Select(variable => $"{variable.Key}={variable.Value}")],
            User = launch.User,
            WorkingDir = launch.WorkingDirectory,
            ExposedPorts = ports
                .Select(port => port.Inner)
                .Distinct()
                .ToDictionary(port => port, _ => new EmptyObject()),
            HostConfig = new HostConfig
            {
                NetworkMode = launch.Network,
                Binds = launch.Volumes.Count > 0 ? launch.Volumes : null,
                Mounts = launch.Secrets.Count > 0 ? [SecretsMount(parts)] : null,
                PortBindings = ports
                    .GroupBy(port => port.Inner, port => port.Binding)
                    .ToDictionary(group => group.Key, IReadOnlyList<PortBinding>? (group) => [.. group]),
                // One who restarts it is enough, and that one knows backoff, limits and causes.
                RestartPolicy = new RestartPolicy { Name = "no" },
                LogConfig = Logs(parts.Log),
            },
        };
        var labels = new Dictionary<string, string>
        {
            [ComponentLabel] = parts.Component,
            [SupervisorLabel] = parts.SupervisorId,
            [LaunchLabel] = DigestOf(launch, environment, imageId),
        };
        return new ContainerPlan(launch.ContainerName, create with { Labels = labels });
    }

    /// <summary>Bounded, as everything; the driver whose log the engine can read back on any machine.</summary>
    private static LogConfig Logs(LogDocument log) => new()
    {
        Type = "json-file",
        Config = new Dictionary<string, string>
        {
            ["max-size"] = log.MaxBytes.ToString(CultureInfo.InvariantCulture),
            ["max-file"] = (log.Keep + 1).ToString(CultureInfo.InvariantCulture),
        },
    };

    private static Mount SecretsMount(ContainerDriverParts parts) => new()
    {
        Type = "bind",
        Source = parts.SecretsDirectory,
        Target = SecretsPath,
        ReadOnly = true,
    };

    /// <summary>Each part with its length in front, so that two that differ never read the same.</summary>
    private static string DigestOf(
        ContainerLaunch launch, IReadOnlyDictionary<string, string> environment, string imageId)
    {
        string?[] parts =
        [
            imageId, launch.Image, launch.Network, launch.User, launch.WorkingDirectory,
            $"{launch.Command.Count}", .. launch.Command,
            $"{launch.Ports.Count}", .. launch.Ports,
            $"{launch.Volumes.Count}", .. launch.Volumes,
            $"{launch.Secrets.Count > 0}",
            .. environment.OrderBy(one => one.Key, StringComparer.Ordinal).SelectMany(Both),
        ];
        var text = string.Concat(parts.Select(part => $"{part?.Length ?? -1}:{part};"));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    private static string[] Both(KeyValuePair<string, string> variable) => [variable.Key, variable.Value];
}
