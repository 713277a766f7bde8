using Drover.Core.Agents;
using Drover.Gateway.Documents;
using Drover.Gateway.Forwarding;
using Drover.Gateway.Lifecycle;
using Drover.Gateway.Routing;

namespace Drover.Gateway.Agents;

/// <summary>
/// The agents of this gateway, and the routes that lead to them. A reload keeps who is still there, with all that is
/// known of it and open work. Owns the lives of agents that are Swarm services, and the connections to those whose
/// address does not change.
/// </summary>
/// <param name="routes">Where hostnames are written.</param>
/// <param name="time">The clock of idle times.</param>
/// <param name="lead">Begins the life of an agent that is a Swarm service; null: somebody else leads it.</param>
internal sealed class AgentSet(Routes routes, TimeProvider time, Func<AgentSeat, AgentRunner>? lead = null)
    : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, AgentRunner> _runners = new(StringComparer.Ordinal);
    private IReadOnlyDictionary<string, AgentSeat> _seats = new Dictionary<string, AgentSeat>();

    /// <summary>All of them, in the order of the file.</summary>
    public IReadOnlyCollection<AgentSeat> All => [.. Volatile.Read(ref _seats).Values];

    /// <summary>The agent of that name; null when there is none.</summary>
    public AgentSeat? Find(string name) => Volatile.Read(ref _seats).GetValueOrDefault(name);

    /// <summary>Takes what the user's file says now. Requests see either all of it or nothing.</summary>
    public void Apply(GatewayDocument document)
    {
        lock (_gate)
        {
            var before = _seats;
            var seats = new Dictionary<string, AgentSeat>(StringComparer.Ordinal);
            foreach (var agent in document.Agents)
            {
                seats[agent.Name] = Seat(before.GetValueOrDefault(agent.Name), agent);
            }

            Volatile.Write(ref _seats, seats);
            routes.Write(
            [
                .. document.Agents.SelectMany(
                    agent => agent.Hostnames, (agent, host) => new Route(host, seats[agent.Name]))
            ]);
            foreach (var gone in before.Values.Where(seat => !seats.ContainsKey(seat.Name)))
            {
                Release(gone);
            }
        }
    }

    /// <summary>Completes when of every agent that is a Swarm service it is known what is so.</summary>
    public Task ReconciledAsync()
    {
        lock (_gate)
        {
            return Task.WhenAll(_runners.Values.Select(runner => runner.Reconciled));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var seat in All)
            {
                Release(seat);
            }
        }
    }

    private AgentSeat Seat(AgentSeat? before, AgentDocument document)
    {
        var seat = before ?? new AgentSeat(document, time);
        var old = seat.Document;
        if (old.Target is AgentTarget.Service && !IsSameService(old.Target, document.Target))
        {
            Release(seat);
        }

        seat.Document = document;
        switch (document.Target)
        {
            case AgentTarget.Fixed target when seat.View.Backend is null || IsElsewhere(old, document):
                Fix(seat, target);
                break;
            case AgentTarget.Service:
                Lead(seat, old);
                break;
        }

        return seat;
    }

    private static void Fix(AgentSeat seat, AgentTarget.Fixed target)
    {
        var replaced = seat.View.Backend;
        seat.View = new AgentView(AgentState.Ready)
        {
            Backend = new Backend(target.Origin, seat.Document.Timeouts.Connect),
        };
        replaced?.Dispose();
    }

    private void Lead(AgentSeat seat, AgentDocument old)
    {
        if (lead is null)
        {
            return;
        }

        if (_runners.TryGetValue(seat.Name, out var runner))
        {
            runner.Respecify(seat.Document);
        }
        else
        {
            if (old.Target is AgentTarget.Fixed)
            {
                seat.View.Backend?.Dispose();
            }

            runner = lead(seat);
            _runners[seat.Name] = runner;
        }

        seat.Life = seat.Document.Policy is AgentPolicy.Unmanaged ? null : runner;
    }

    private void Release(AgentSeat seat)
    {
        seat.Life = null;
        if (_runners.Remove(seat.Name, out var runner))
        {
            runner.Dispose();
        }

        seat.View.Backend?.Dispose();
    }

    private static bool IsSameService(AgentTarget one, AgentTarget other) =>
        one is AgentTarget.Service { Name: var name } && other is AgentTarget.Service service && service.Name == name;

    private static bool IsElsewhere(AgentDocument before, AgentDocument now) =>
        before.Target != now.Target || before.Timeouts.Connect != now.Timeouts.Connect;
}
