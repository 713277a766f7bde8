using Drover.Core.Agents;
using Drover.Gateway.Documents;
using Drover.Gateway.Forwarding;
using Drover.Gateway.Routing;

namespace Drover.Gateway.Agents;

/// <summary>
/// The agents of this gateway, and the routes that lead to them. A reload keeps who is still there, with all that is
/// known of it and open work. Owns the connections to agents whose address does not change.
/// </summary>
internal sealed class AgentSet(Routes routes, TimeProvider time) : IDisposable
{
    private readonly Lock _gate = new();
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
                gone.View.Backend?.Dispose();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var seat in All)
        {
            seat.View.Backend?.Dispose();
        }
    }

    private AgentSeat Seat(AgentSeat? before, AgentDocument document)
    {
        var seat = before ?? new AgentSeat(document, time);
        var old = seat.Document;
        seat.Document = document;
        if (document.Target is AgentTarget.Fixed target && (seat.View.Backend is null || IsElsewhere(old, document)))
        {
            var replaced = seat.View.Backend;
            seat.View = new AgentView(AgentState.Ready)
            {
                Backend = new Backend(target.Origin, document.Timeouts.Connect),
            };
            replaced?.Dispose();
        }

        return seat;
    }

    private static bool IsElsewhere(AgentDocument before, AgentDocument now) =>
        before.Target != now.Target || before.Timeouts.Connect != now.Timeouts.Connect;
}
