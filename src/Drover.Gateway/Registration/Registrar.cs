using Drover.Core.Agents;
using Drover.Core.Limits;
using Drover.Gateway.Agents;
using Drover.Gateway.Routing;
using Drover.Runtime.Events;

namespace Drover.Gateway.Registration;

/// <summary>
/// The hostnames that agents registered: each leads to the task of the agent that registered it, by a port alone, for
/// as long as its lease holds and the agent is awake. Owns the leases, their file, and the lock under which they
/// change.
/// </summary>
internal sealed class Registrar
{
    /// <summary>Hostnames that one agent can have.</summary>
    public const int MostOfAnAgent = 100;

    private readonly Lock _gate = new();
    private readonly AgentSet _agents;
    private readonly Routes _routes;
    private readonly LeaseFile _file;
    private readonly TimeProvider _time;
    private readonly Pulse _changes = new();
    private readonly RateLimit _limit = new(5, 50);
    private readonly Dictionary<string, TimeSpan> _due = new(StringComparer.Ordinal);
    private readonly Dictionary<AgentSeat, IReadOnlyList<Route>> _installed = [];
    private Dictionary<HostPattern, Lease> _leases;

    /// <exception cref="GatewayStartException">What was kept cannot be read, or not be kept again.</exception>
    public Registrar(AgentSet agents, Routes routes, string path, TimeProvider time)
    {
        (_agents, _routes, _file, _time) = (agents, routes, new LeaseFile(path), time);
        _leases = _file.Read().ToDictionary(lease => lease.Pattern);
        try
        {
            Look();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new GatewayStartException($"cannot keep registrations in \"{path}\": {error.Message}", error);
        }
    }

    /// <summary>Completes when leases have changed; take it before <see cref="Look"/>.</summary>
    public Task Changes => _changes.Next;

    /// <summary>All leases, by hostname.</summary>
    public IReadOnlyList<Lease> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _leases.Values.OrderBy(lease => lease.Pattern.ToString(), StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>The lease of a hostname; null: none.</summary>
    public Lease? Find(HostPattern pattern)
    {
        lock (_gate)
        {
            return _leases.GetValueOrDefault(pattern);
        }
    }

    /// <summary>Registers a hostname of an agent, or renews it.</summary>
    /// <exception cref="IOException">It cannot be kept, and nothing was changed.</exception>
    public RegisterOutcome Register(AgentSeat agent, HostPattern pattern, int port, TimeSpan ttl)
    {
        lock (_gate)
        {
            if (Wait(agent.Name) is { } wait)
            {
                return new RegisterOutcome.TooFast(wait);
            }

            if (LeaseClaim.Objection(pattern, agent, _routes.Table) is { } objection)
            {
                return new RegisterOutcome.NotYours(objection);
            }

            var isNew = !_leases.ContainsKey(pattern);
            if (isNew && _leases.Values.Count(one => one.Agent == agent.Name) >= MostOfAnAgent)
            {
                return new RegisterOutcome.TooMany(
                    $"cannot register \"{pattern}\": the agent \"{agent.Name}\" has {MostOfAnAgent} hostnames already, "
                        + "the most there can be; delete one, or let it expire");
            }

            var lease = new Lease(agent.Name, pattern, port, ttl, IsAwake(agent) ? _time.GetUtcNow() + ttl : null);
            Put(new Dictionary<HostPattern, Lease>(_leases) { [pattern] = lease });
            return new RegisterOutcome.Done(lease, isNew);
        }
    }

    /// <summary>Ends a lease before its time; false: there is none.</summary>
    /// <exception cref="IOException">It cannot be kept, and nothing was changed.</exception>
    public bool Remove(HostPattern pattern)
    {
        lock (_gate)
        {
            var left = new Dictionary<HostPattern, Lease>(_leases);
            if (!left.Remove(pattern))
            {
                return false;
            }

            Put(left);
            return true;
        }
    }

    /// <summary>
    /// Takes up what happened meanwhile: agents that went to sleep or woke, leases whose time is over, hostnames that
    /// drover.yaml has given to somebody else.
    /// </summary>
    /// <returns>When the next lease ends; null: none does by itself.</returns>
    public DateTimeOffset? Look()
    {
        lock (_gate)
        {
            var now = _time.GetUtcNow();
            var next = new Dictionary<HostPattern, Lease>();
            foreach (var lease in _leases.Values)
            {
                if (_agents.Find(lease.Agent) is { } agent
                    && !lease.HasEnded(now)
                    && LeaseClaim.Objection(lease.Pattern, agent, _routes.Table) is null)
                {
                    next[lease.Pattern] = Moved(lease, agent, now);
                }
            }

            if (next.Count != _leases.Count || next.Values.Any(lease => lease != _leases[lease.Pattern]))
            {
                Put(next);
            }
            else
            {
                Install();
            }

            return _leases.Values.Min(lease => lease.ExpiresAt);
        }
    }

    private static Lease Moved(Lease lease, AgentSeat agent, DateTimeOffset now) => agent.View.State switch
    {
        AgentState.Ready => lease.Awake(now),
        AgentState.Sleeping => lease.Resting(),
        _ => lease,
    };

    private static bool IsAwake(AgentSeat agent) => agent.View.State is AgentState.Ready or AgentState.Degraded;

    /// <summary>On disk first, then in the table, so that what is told to be registered stays so.</summary>
    private void Put(Dictionary<HostPattern, Lease> leases)
    {
        _file.Write(leases.Values);
        _leases = leases;
        Install();
        _changes.Beat();
    }

    /// <summary>Puts into the table what leads to an agent now, and takes out what does no longer.</summary>
    private void Install()
    {
        var wanted = new Dictionary<AgentSeat, IReadOnlyList<Route>>();
        foreach (var lease in _leases.Values)
        {
            // One that is frozen keeps its routes, and one that wakes has them again before it serves: a request that
            // woke it goes to where it was meant to go.
            if (_agents.Find(lease.Agent) is { } agent
                && (lease.ExpiresAt is not null || agent.View is { IsDozing: true } or { State: AgentState.Starting }))
            {
                var route = new Route(lease.Pattern, agent) { Port = lease.Port, IsRegistered = true };
                wanted[agent] = [.. wanted.GetValueOrDefault(agent, []), route];
            }
        }

        foreach (var agent in _installed.Keys.Except(wanted.Keys).ToList())
        {
            _installed.Remove(agent);
            _routes.Register(agent, []);
        }

        foreach (var (agent, routes) in wanted)
        {
            if (!routes.SequenceEqual(_installed.GetValueOrDefault(agent, [])))
            {
                _installed[agent] = routes;
                _routes.Register(agent, routes);
            }
        }
    }

    private TimeSpan? Wait(string agent)
    {
        var now = _time.GetElapsedTime(0);
        var due = _due.GetValueOrDefault(agent);
        if (_limit.WaitOf(due, now) is { Ticks: > 0 } wait)
        {
            return wait;
        }

        _due[agent] = _limit.DueAfter(due, now);
        return null;
    }
}

/// <summary>How a registration ended.</summary>
internal abstract record RegisterOutcome
{
    private RegisterOutcome()
    {
    }

    /// <summary>It holds.</summary>
    /// <param name="Lease">The lease.</param>
    /// <param name="IsNew">False: it was renewed.</param>
    internal sealed record Done(Lease Lease, bool IsNew) : RegisterOutcome;

    /// <summary>The hostname is not the agent's to register.</summary>
    /// <param name="Reason">One sentence for people.</param>
    internal sealed record NotYours(string Reason) : RegisterOutcome;

    /// <summary>The agent has as many as it can have.</summary>
    /// <param name="Reason">One sentence for people.</param>
    internal sealed record TooMany(string Reason) : RegisterOutcome;

    /// <summary>The agent asks too often.</summary>
    /// <param name="Wait">For how long nothing more is heard.</param>
    internal sealed record TooFast(TimeSpan Wait) : RegisterOutcome;
}
