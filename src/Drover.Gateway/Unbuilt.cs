using Drover.Gateway.Documents;

namespace Drover.Gateway;

/// <summary>
/// What the file can ask for and this version does not do: said at the start, so that nobody believes it is done. Each
/// room that is built takes its line away, and the last one this file.
/// </summary>
internal static class Unbuilt
{
    /// <summary>What cannot be done; null when all can.</summary>
    public static string? Objection(GatewayDocument document)
    {
        if (document.Agents.FirstOrDefault(agent => agent.Target is AgentTarget.Service) is { } service)
        {
            return $"gateway.agents.{service.Name}.service: this version reaches no Swarm services yet; write address "
                + "and policy: unmanaged";
        }

        return document.Capacity != new CapacityDocument()
            ? "gateway.capacity: this version puts no agent to sleep yet; leave it out"
            : null;
    }
}
