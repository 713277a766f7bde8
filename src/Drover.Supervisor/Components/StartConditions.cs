using Drover.Core.Components;

namespace Drover.Supervisor.Components;

/// <summary>Whether what a component depends on is as it wants it. Pure.</summary>
internal static class StartConditions
{
    /// <summary>What is not met yet, as <c>api: ready</c>, in the order of the file.</summary>
    /// <param name="dependsOn">By name.</param>
    /// <param name="viewOf">The present state of a component; null for one that is gone.</param>
    internal static IReadOnlyList<string> Unmet(
        IReadOnlyDictionary<string, DependencyCondition> dependsOn, Func<string, ComponentView?> viewOf) =>
    [
        .. dependsOn
            .Where(need => viewOf(need.Key) is not { } view || !IsMet(view, need.Value))
            .Select(need => $"{need.Key}: {WordOf(need.Value)}"),
    ];

    internal static bool IsMet(ComponentView view, DependencyCondition condition)
    {
        var runtime = view.Runtime;
        return condition switch
        {
            DependencyCondition.Started =>
                runtime is { Phase: InstancePhase.Alive } and not { State: ComponentState.Stopping },
            DependencyCondition.Ready => runtime.State is ComponentState.Running,
            DependencyCondition.Completed => runtime.IsCompleted && !view.AwaitsStart,
        };
    }

    private static string WordOf(DependencyCondition condition) => condition switch
    {
        DependencyCondition.Started => "started",
        DependencyCondition.Ready => "ready",
        DependencyCondition.Completed => "completed",
    };
}
