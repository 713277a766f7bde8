using System.Collections.Frozen;

namespace Drover.Gateway.Routing;

/// <summary>
/// Which agent a hostname leads to. Never changes: another table takes its place as a whole. A name beats every
/// wildcard, a longer wildcard beats a shorter one, what the user wrote beats what an agent registered.
/// </summary>
internal sealed class RouteTable
{
    private readonly FrozenDictionary<string, Route>.AlternateLookup<ReadOnlySpan<char>> _names;
    private readonly FrozenDictionary<string, Route>.AlternateLookup<ReadOnlySpan<char>> _wildcards;
    private readonly bool _hasWildcards;

    /// <summary>A table of these routes; of two for one pattern the first holds.</summary>
    public RouteTable(IEnumerable<Route> routes)
    {
        var names = new Dictionary<string, Route>(StringComparer.OrdinalIgnoreCase);
        var wildcards = new Dictionary<string, Route>(StringComparer.OrdinalIgnoreCase);
        var all = new List<Route>();
        foreach (var route in routes)
        {
            if ((route.Pattern.IsWildcard ? wildcards : names).TryAdd(route.Pattern.Name, route))
            {
                all.Add(route);
            }
        }

        All = all;
        _hasWildcards = wildcards.Count > 0;
        _names = Frozen(names);
        _wildcards = Frozen(wildcards);
    }

    /// <summary>Every route that holds, in the order they were given.</summary>
    public IReadOnlyList<Route> All { get; }

    /// <summary>The route of a name as <see cref="RequestHost"/> gives it; null when nobody answers to it.</summary>
    public Route? Find(ReadOnlySpan<char> name)
    {
        if (_names.TryGetValue(name, out var route) || !_hasWildcards)
        {
            return route;
        }

        // An empty label is no name below anything.
        for (var dot = name.IndexOf('.'); dot > 0; dot = name.IndexOf('.'))
        {
            name = name[(dot + 1)..];
            if (_wildcards.TryGetValue(name, out route))
            {
                return route;
            }
        }

        return null;
    }

    private static FrozenDictionary<string, Route>.AlternateLookup<ReadOnlySpan<char>> Frozen(
        Dictionary<string, Route> routes) =>
        routes.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();
}
