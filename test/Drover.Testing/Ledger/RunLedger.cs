using Drover.Wire.Commands;
using Drover.Wire.People;

namespace Drover.Testing.Ledger;

/// <summary>Both sides of one run: what the harness knows by itself, and what the server tells in the end.</summary>
/// <param name="Accepted">Orders answered with 2xx.</param>
/// <param name="Engine">What the engine says happened, in its order.</param>
/// <param name="Begun">From here on the host agent had seen the host: what happened before is the beginning and not
/// news.</param>
/// <param name="AgentOutages">When the host agent was away.</param>
/// <param name="Commands">All commands the server has.</param>
/// <param name="Events">All events the server has, in its order.</param>
/// <param name="Hosts">All hosts the server has.</param>
/// <param name="Complaints">What the harness saw go wrong meanwhile.</param>
public sealed record RunLedger(
    IReadOnlyList<AcceptedOrder> Accepted,
    IReadOnlyList<EngineEvent> Engine,
    DateTimeOffset Begun,
    IReadOnlyList<Outage> AgentOutages,
    IReadOnlyList<CommandDto> Commands,
    IReadOnlyList<EventDto> Events,
    IReadOnlyList<HostDto> Hosts,
    IReadOnlyList<string> Complaints);

/// <summary>An order that the server said it had accepted.</summary>
/// <param name="CommandId">The id it was given.</param>
/// <param name="Type">What was ordered.</param>
/// <param name="App">Of which container.</param>
public sealed record AcceptedOrder(string CommandId, string Type, string App);

/// <summary>One event as the engine told it.</summary>
/// <param name="Container">Name.</param>
/// <param name="Action">As Docker calls it.</param>
/// <param name="Time">By the engine's clock.</param>
public sealed record EngineEvent(string Container, string Action, DateTimeOffset Time);

/// <summary>A time in which a role was away.</summary>
/// <param name="From">It ended.</param>
/// <param name="Until">It was at work again; null when it never was.</param>
public sealed record Outage(DateTimeOffset From, DateTimeOffset? Until);
