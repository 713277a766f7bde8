using Drover.Runtime.Configuration;
using Drover.Supervisor.Documents;
using Keys = Drover.Configuration.DroverYaml.Component;

namespace Drover.Configuration;

/// <summary>Makes of a component's section what is launched. Relative paths become whole here, so that nothing later
/// depends on where the supervisor was started from.</summary>
internal sealed class LaunchReader(ConfigDocument document, string directory, string name, ConfigEntry entry)
{
    /// <summary>What is launched, or watched.</summary>
    public LaunchDocument Read() => entry switch
    {
        _ when entry.Get(Keys.External) is { } address => new ExternalAddress(address.ToString()),
        _ when entry.Get(Keys.Container) is { } container => ReadContainer(container),
        _ => ReadProcess(),
    };

    private ProcessLaunch ReadProcess()
    {
        var workingDirectory = entry.Get(Keys.WorkingDirectory) is { } path ? Whole(path) : directory;
        var command = entry.Get(Keys.Command)!;
        var program = command[0].Contains('/', StringComparison.Ordinal)
            ? Path.GetFullPath(command[0], workingDirectory)
            : command[0];
        return new ProcessLaunch
        {
            Command = [program, .. command.Skip(1)],
            WorkingDirectory = workingDirectory,
            Environment = ReadEnvironment(),
            EnvironmentFiles = ReadEnvironmentFiles(),
            User = entry.Get(Keys.User),
            Limits = entry.Get(Keys.Limits) is { } limits ? ReadLimits(limits) : null,
        };
    }

    private ContainerLaunch ReadContainer(ConfigEntry container)
    {
        var workingDirectory = entry.Get(Keys.WorkingDirectory);
        if (workingDirectory is not null && !workingDirectory.StartsWith('/'))
        {
            document.Refuse(
                entry.PlaceOf(Keys.WorkingDirectory),
                $"{entry.PathOf(Keys.WorkingDirectory)} takes an absolute path in the container, not "
                    + $"\"{workingDirectory}\"");
        }

        var containerName = container.Get(DroverYaml.ContainerKeys.Name) ?? name;
        if (containerName.Length < 2)
        {
            document.Refuse(
                entry.PlaceOf(Keys.Container),
                $"{entry.PathOf(Keys.Container)}: a container's name has two characters or more; give it a name");
        }

        return new ContainerLaunch
        {
            Image = container.Get(DroverYaml.ContainerKeys.Image) ?? "",
            ContainerName = containerName,
            Network = container.Get(DroverYaml.ContainerKeys.Network),
            Command = container.Get(DroverYaml.ContainerKeys.Command) ?? [],
            WorkingDirectory = workingDirectory,
            User = entry.Get(Keys.User),
            Environment = ReadEnvironment(),
            EnvironmentFiles = ReadEnvironmentFiles(),
            Secrets = (container.Get(DroverYaml.ContainerKeys.Secrets) ?? [])
                .ToDictionary(secret => secret.Name, secret => secret.Value.Below(directory), StringComparer.Ordinal),
            Ports = container.Get(DroverYaml.ContainerKeys.Ports) ?? [],
            Volumes = [.. (container.Get(DroverYaml.ContainerKeys.Volumes) ?? []).Select(WholeVolume)],
            Pull = container.Get(DroverYaml.ContainerKeys.Pull)!,
        };
    }

    private string Whole(string path) => Path.GetFullPath(path, directory);

    /// <summary>A source with a slash is a path of this machine, any other the name of a volume.</summary>
    private string WholeVolume(string volume)
    {
        var end = volume.IndexOf(':', StringComparison.Ordinal);
        var source = volume[..end];
        return source.Contains('/', StringComparison.Ordinal) || source is "." or ".."
            ? Whole(source) + volume[end..]
            : volume;
    }

    private Dictionary<string, string> ReadEnvironment() => (entry.Get(Keys.Env) ?? [])
        .ToDictionary(variable => variable.Name, variable => variable.Value.Value, StringComparer.Ordinal);

    private List<string> ReadEnvironmentFiles() => [.. (entry.Get(Keys.EnvFile) ?? []).Select(Whole)];

    private static LimitsDocument ReadLimits(ConfigEntry limits) => new()
    {
        OpenFiles = limits.Written(DroverYaml.LimitKeys.OpenFiles),
        Processes = limits.Written(DroverYaml.LimitKeys.Processes),
        Memory = limits.Written(DroverYaml.LimitKeys.Memory),
        Core = limits.Written(DroverYaml.LimitKeys.Core),
        FileSize = limits.Written(DroverYaml.LimitKeys.FileSize),
        Stack = limits.Written(DroverYaml.LimitKeys.Stack),
        LockedMemory = limits.Written(DroverYaml.LimitKeys.LockedMemory),
    };
}
