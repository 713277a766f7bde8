using Drover.Gateway.Agents;

namespace Drover.Gateway.Routing;

/// <summary>
/// The table that holds now, and the one place that puts another in its place. Requests read it without a lock; each
/// sees one whole table. Owns the lock under which changes follow one another.
/// </summary>
internal sealed class Routes
{
    private readonly Lock _gate = new();
    private IReadOnlyList<Route> _written = [];
    private IReadOnlyList<Route> _registered = [];
    private RouteTable _table = new([]);

    /// <summary>The table that holds now.</summary>
    public RouteTable Table => Volatile.Read(ref _table);

    /// <summary>
    /// Takes what the user's file says in the place of what it said before. Registered routes of agents that are still
    /// there stay.
    /// </summary>
    public void Write(IReadOnlyList<Route> written)
    {
        lock (_gate)
        {
            var agents = written.Select(route => route.Agent).ToHashSet();
            Swap(written, [.. _registered.Where(route => agents.Contains(route.Agent))]);
        }
    }

    /// <summary>Takes these routes in the place of all that the agent had registered; none purges them.</summary>
    public void Register(AgentSeat agent, IReadOnlyList<Route> routes)
    {
        lock (_gate)
        {
            Swap(_written, [.. _registered.Where(route => route.Agent != agent), .. routes]);
        }
    }

    private void Swap(IReadOnlyList<Route> written, IReadOnlyList<Route> registered)
    {
        (_written, _registered) = (written, registered);
        Volatile.Write(ref _table, new RouteTable(written.Concat(registered)));
    }
}
