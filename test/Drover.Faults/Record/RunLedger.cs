using Drover.Faults.Rig;
using Drover.Wire.Commands;
using Drover.Wire.People;

namespace Drover.Faults.Record;

/// <summary>An order that the server said it had accepted.</summary>
internal sealed record AcceptedOrder(string CommandId, string Type, string App);

/// <summary>Both sides of one run: what the harness knows by itself, and what the server tells in the end.</summary>
/// <param name="Accepted">Orders answered with 2xx.</param>
/// <param name="Engine">What the engine says happened, in its order.</param>
/// <param name="AgentOutages">When the host agent was away.</param>
/// <param name="Commands">All commands the server has.</param>
/// <param name="Events">All events the server has, in its order.</param>
/// <param name="Hosts">All hosts the server has.</param>
/// <param name="Complaints">What the harness saw go wrong meanwhile.</param>
internal sealed record RunLedger(
    IReadOnlyList<AcceptedOrder> Accepted,
    IReadOnlyList<EngineEvent> Engine,
    IReadOnlyList<Outage> AgentOutages,
    IReadOnlyList<CommandDto> Commands,
    IReadOnlyList<EventDto> Events,
    IReadOnlyList<HostDto> Hosts,
    IReadOnlyList<string> Complaints);
