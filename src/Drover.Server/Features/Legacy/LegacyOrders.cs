using Drover.Server.Features.Commands;
using Drover.Server.Features.Hosts;
using Drover.Server.Hosting;
using Drover.Wire.Commands;

namespace Drover.Server.Features.Legacy;

/// <summary>What can be ordered of a host whose agent speaks the older protocol.</summary>
internal static class LegacyOrders
{
    /// <summary>
    /// The host that was named (or the only one), when its agent never tells what containers it has: there is nothing
    /// to look an app code up in, so the agent itself looks. Null: the inventory decides.
    /// </summary>
    public static EnrolledHost? HostWithoutInventory(TargetResolver resolver, string? hostName) =>
        resolver.Host(hostName).Host is { IsLegacy: true } host && TellsNothing(host) ? host : null;

    /// <summary>What such an agent cannot do, said now rather than by a command that would mislead.</summary>
    public static Problem? Objection(EnrolledHost host, string type, CommandParameters parameters)
    {
        if (!host.IsLegacy || !TellsNothing(host))
        {
            return null;
        }

        var why = type switch
        {
            CommandTypes.List => "it does not know that command",
            CommandTypes.Logs when parameters.Since is not null =>
                "it reads no log from a time on; ask for the last lines",
            _ => null,
        };
        return why is null
            ? null
            : Problem.Conflict(
                $"cannot {type} on host \"{host.Name}\": its agent speaks the older protocol, and {why}");
    }

    // One of ours that is allowed the older protocol while it is replaced has an inventory and knows all commands.
    private static bool TellsNothing(EnrolledHost host) => host.Inventory.At is null;
}
