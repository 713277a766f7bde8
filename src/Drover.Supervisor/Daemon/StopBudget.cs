using Drover.Supervisor.Documents;

namespace Drover.Supervisor.Daemon;

/// <summary>How long stopping everything may take: the longest way from a dependent down to what it needs.</summary>
internal static class StopBudget
{
    /// <summary>From the kill of one component to the proof that nothing of it is left.</summary>
    internal static readonly TimeSpan Proof = TimeSpan.FromSeconds(10);

    internal static TimeSpan Of(SupervisorDocument document)
    {
        var ends = new Dictionary<string, TimeSpan>(StringComparer.Ordinal);
        foreach (var name in document.Graph.StopOrder)
        {
            // Dependents stand before what they need in this order.
            var begin = document.Components
                .Where(other => other.DependsOn.ContainsKey(name))
                .Select(other => ends[other.Name])
                .DefaultIfEmpty(TimeSpan.Zero)
                .Max();
            ends[name] = begin + document.Find(name)!.Spec.Stop.Grace + Proof;
        }

        return ends.Values.DefaultIfEmpty(TimeSpan.Zero).Max();
    }
}
