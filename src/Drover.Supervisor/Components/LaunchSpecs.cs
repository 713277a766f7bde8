using Drover.Runtime.Configuration;
using Drover.Runtime.Processes;
using Drover.Supervisor.Documents;

namespace Drover.Supervisor.Components;

/// <summary>From what the user's file says of a command to what is launched.</summary>
internal static class LaunchSpecs
{
    /// <summary>
    /// Everything but the mark. Files of variables are read now, so that a restart takes up what changed in them.
    /// </summary>
    /// <param name="launch">What the file says.</param>
    /// <param name="foundation">Variables that every component gets, unless its own say otherwise.</param>
    /// <param name="outputPath">Where it writes to.</param>
    /// <exception cref="LaunchSpecException">A file of variables cannot be read.</exception>
    internal static LaunchSpec Of(
        ProcessLaunch launch, IReadOnlyDictionary<string, string> foundation, string outputPath) => new()
        {
            Executable = launch.Command[0],
            Arguments = [.. launch.Command.Skip(1)],
            Environment = EnvironmentOf(launch, foundation),
            WorkingDirectory = launch.WorkingDirectory,
            OutputPath = outputPath,
            User = launch.User,
            Limits = LimitsOf(launch.Limits),
        };

    internal static Dictionary<string, string> EnvironmentOf(
        ProcessLaunch launch, IReadOnlyDictionary<string, string> foundation)
    {
        var environment = new Dictionary<string, string>(foundation, StringComparer.Ordinal);
        try
        {
            foreach (var (name, value) in launch.EnvironmentFiles.SelectMany(EnvironmentFile.Read))
            {
                environment[name] = value;
            }
        }
        catch (ConfigurationException error)
        {
            throw new LaunchSpecException(error.Message, error);
        }

        foreach (var (name, value) in launch.Environment)
        {
            environment[name] = value;
        }

        return environment;
    }

    private static ResourceLimits? LimitsOf(LimitsDocument? limits) => limits is null
        ? null
        : new ResourceLimits
        {
            OpenFiles = LimitOf(limits.OpenFiles),
            Processes = LimitOf(limits.Processes),
            AddressSpace = LimitOf(limits.Memory),
            CoreSize = LimitOf(limits.Core),
            FileSize = LimitOf(limits.FileSize),
            Stack = LimitOf(limits.Stack),
            LockedMemory = LimitOf(limits.LockedMemory),
        };

    private static ResourceLimit? LimitOf(long? value) =>
        value is { } limit ? new ResourceLimit((ulong)limit, (ulong)limit) : null;
}
