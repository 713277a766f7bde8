using Drover.Core.Events;

namespace Drover.Server.Features.Events;

/// <summary>Which events a reader wants; an empty part wants all.</summary>
/// <param name="Types">Names, or families such as <c>container.*</c>.</param>
/// <param name="Severities">Names in lower case.</param>
/// <param name="HostId">Events of one host.</param>
internal sealed record EventFilter(IReadOnlyList<string> Types, IReadOnlyList<string> Severities, string? HostId)
{
    private const string FamilyEnd = ".*";

    /// <summary>Wants everything.</summary>
    public static EventFilter All { get; } = new([], [], null);

    /// <summary>The names of the closed set that a name or family stands for; empty when it stands for none.</summary>
    public static IEnumerable<string> Expand(string nameOrFamily) => EventTypes.All
        .Select(type => type.Name)
        .Where(name => name == nameOrFamily
            || (nameOrFamily.EndsWith(FamilyEnd, StringComparison.Ordinal)
                && name.StartsWith(nameOrFamily[..^1], StringComparison.Ordinal)));

    /// <summary>True when the reader wants this one.</summary>
    public bool Wants(StoredEvent stored) =>
        (Types.Count == 0 || Types.Contains(stored.Type))
        && (Severities.Count == 0 || Severities.Contains(stored.Severity))
        && (HostId is null || HostId == stored.HostId);
}
