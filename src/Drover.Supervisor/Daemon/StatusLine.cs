using System.Globalization;
using Drover.Core.Components;
using Drover.Supervisor.Components;

namespace Drover.Supervisor.Daemon;

/// <summary>All components in the one line that a service manager shows.</summary>
internal static class StatusLine
{
    private const int MostNames = 3;

    /// <summary>What wants to be looked at comes last, with names.</summary>
    private static readonly (string Word, bool IsNamed, Func<ComponentView, bool> Is)[] Groups =
    [
        ("running", false, one => Is(one, ComponentState.Running)),
        ("completed", false, one => Is(one, ComponentState.Stopped) && one.Runtime.IsCompleted),
        ("stopped", false, one => Is(one, ComponentState.Stopped) && !one.Runtime.IsCompleted),
        ("waiting", true, one => one.AwaitsStart),
        ("starting", true, one => Is(one, ComponentState.Starting)),
        ("stopping", true, one => Is(one, ComponentState.Stopping)),
        ("unhealthy", true, one => Is(one, ComponentState.Unhealthy)),
        ("in backoff", true, one => Is(one, ComponentState.Backoff)),
        ("failed", true, one => Is(one, ComponentState.Failed)),
    ];

    internal static string Of(IReadOnlyCollection<ComponentView> components)
    {
        if (components.Count == 0)
        {
            return "no components";
        }

        var groups = Groups
            .Select(group => (group, Names: components
                .Where(group.Is)
                .Select(one => one.Component.Id.Name)
                .ToList()))
            .Where(one => one.Names.Count > 0)
            .Select(one => Say(one.group.Word, one.group.IsNamed, one.Names));
        return $"{Count(components.Count)}: {string.Join(", ", groups)}";
    }

    private static bool Is(ComponentView view, ComponentState state) =>
        !view.AwaitsStart && view.Runtime.State == state;

    private static string Say(string word, bool isNamed, List<string> names)
    {
        var shown = string.Join(", ", names.Take(MostNames)) + (names.Count > MostNames ? ", ..." : "");
        return string.Create(CultureInfo.InvariantCulture, $"{names.Count} {word}") + (isNamed ? $" ({shown})" : "");
    }

    private static string Count(int components) =>
        components == 1 ? "1 component" : string.Create(CultureInfo.InvariantCulture, $"{components} components");
}
