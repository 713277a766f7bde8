namespace Drover.Core.Components;

/// <summary>What must be true of a component before another that needs it is started.</summary>
public enum DependencyCondition
{
    /// <summary>An instance of it runs.</summary>
    Started,

    /// <summary>It serves: its startup and readiness probes have succeeded.</summary>
    Ready,

    /// <summary>It ran and exited with code 0.</summary>
    Completed,
}

/// <summary>
/// Who needs whom. Names that nobody declared are left out: that they are wrong is for the reader of the user's file
/// to say. Does not recurse, so that no chain is too long.
/// </summary>
public sealed class DependencyGraph
{
    private readonly List<string> _names = [];
    private readonly Dictionary<string, IReadOnlyList<string>> _needs = new(StringComparer.Ordinal);
    private readonly List<string> _startOrder = [];

    /// <summary>A graph of components in the order of the user's file.</summary>
    /// <param name="components">Each name once, with the names it needs.</param>
    public DependencyGraph(IEnumerable<(string Name, IEnumerable<string> Needs)> components)
    {
        var declared = components.ToList();
        var known = declared.Select(one => one.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var (name, needs) in declared)
        {
            _names.Add(name);
            _needs.Add(name, [.. needs.Where(known.Contains).Distinct(StringComparer.Ordinal)]);
        }

        Cycle = Walk();
    }

    /// <summary>
    /// The path of a cycle, each name needing the next, the first again at the end; null where there is none.
    /// </summary>
    public IReadOnlyList<string>? Cycle { get; }

    /// <summary>
    /// Every name behind all it needs, else in the order of the file.
    /// </summary>
    /// <exception cref="InvalidOperationException">There is a cycle.</exception>
    public IReadOnlyList<string> StartOrder => Cycle is null
        ? _startOrder
        : throw new InvalidOperationException($"there is no order in a cycle: {string.Join(" -> ", Cycle)}");

    /// <summary>The other way round: every name before all it needs.</summary>
    /// <exception cref="InvalidOperationException">There is a cycle.</exception>
    public IReadOnlyList<string> StopOrder => [.. StartOrder.Reverse()];

    /// <summary>What a component needs itself, in the order it was written.</summary>
    public IReadOnlyList<string> NeedsOf(string name) => _needs[name];

    /// <summary>Everything a component needs, also by way of others, in start order.</summary>
    /// <exception cref="InvalidOperationException">There is a cycle.</exception>
    public IReadOnlyList<string> AllNeedsOf(string name) => Reach(name, _needs.GetValueOrDefault);

    /// <summary>Everything that needs a component, also by way of others, in start order.</summary>
    /// <exception cref="InvalidOperationException">There is a cycle.</exception>
    public IReadOnlyList<string> AllDependentsOf(string name) =>
        Reach(name, one => _names.Where(other => _needs[other].Contains(one)));

    private List<string> Reach(string name, Func<string, IEnumerable<string>?> next)
    {
        var reached = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>([name]);
        while (open.TryPop(out var at))
        {
            foreach (var one in next(at) ?? [])
            {
                if (reached.Add(one))
                {
                    open.Push(one);
                }
            }
        }

        return [.. StartOrder.Where(reached.Contains)];
    }

    /// <summary>Depth first, needs before who needs them; stops at the first cycle and returns it.</summary>
    private List<string>? Walk()
    {
        var isDone = new Dictionary<string, bool>(StringComparer.Ordinal);
        var path = new List<(string Name, int Next)>();
        foreach (var root in _names.Where(name => !isDone.ContainsKey(name)))
        {
            path.Add((root, 0));
            isDone[root] = false;
            while (path.Count > 0)
            {
                var (name, next) = path[^1];
                var needs = _needs[name];
                if (next == needs.Count)
                {
                    path.RemoveAt(path.Count - 1);
                    isDone[name] = true;
                    _startOrder.Add(name);
                    continue;
                }

                path[^1] = (name, next + 1);
                if (!isDone.TryGetValue(needs[next], out var done))
                {
                    isDone[needs[next]] = false;
                    path.Add((needs[next], 0));
                }
                else if (!done)
                {
                    var from = path.FindIndex(step => step.Name == needs[next]);
                    return [.. path.Skip(from).Select(step => step.Name), needs[next]];
                }
            }
        }

        return null;
    }
}
