using Drover.Runtime.Probing;
using Drover.Supervisor.Documents;

namespace Drover.Supervisor.Components;

/// <summary>What a probe asks, as it is asked of one component. Pure but for the files of variables it reads.</summary>
internal static class ProbeTargets
{
    /// <summary>
    /// The command of a probe runs as the component's own does: with its variables, where it works and as its user.
    /// </summary>
    /// <param name="target">What the user's file says.</param>
    /// <param name="launch">How the component is launched.</param>
    /// <param name="foundation">Variables that every component gets.</param>
    internal static ProbeTarget Of(
        ProbeTarget target, LaunchDocument launch, IReadOnlyDictionary<string, string> foundation) =>
        (target, launch) switch
        {
            (ProbeTarget.Exec command, ProcessLaunch process) => command with
            {
                Environment = VariablesOf(process, foundation),
                WorkingDirectory = process.WorkingDirectory,
                User = process.User,
            },
            (ProbeTarget.Exec command, _) => command with { Environment = foundation },
            _ => target,
        };

    /// <summary>True for two that ask the same; a record compares its lists by reference.</summary>
    internal static bool IsSame(ProbeTarget? one, ProbeTarget? other) => (one, other) switch
    {
        (ProbeTarget.Exec left, ProbeTarget.Exec right) =>
            left.Command.SequenceEqual(right.Command) && left with { Command = right.Command } == right,
        (ProbeTarget.Http left, ProbeTarget.Http right) =>
            left.Headers.Count == right.Headers.Count
                && left.Headers.All(
                    header => right.Headers.TryGetValue(header.Key, out var value) && value == header.Value)
                && left with { Headers = right.Headers } == right,
        _ => Equals(one, other),
    };

    private static IReadOnlyDictionary<string, string> VariablesOf(
        ProcessLaunch launch, IReadOnlyDictionary<string, string> foundation)
    {
        try
        {
            return LaunchSpecs.EnvironmentOf(launch, foundation);
        }
        catch (LaunchSpecException)
        {
            // The launch meets the same file and says so; without an instance there is no probe.
            return foundation;
        }
    }
}
