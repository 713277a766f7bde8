using Drover.Core.Events;
using Drover.Runtime.Storage;
using Drover.Server.Features.Access;
using Drover.Server.Features.Commands;
using Drover.Server.Features.Events;
using Drover.Server.Features.Inventory;

namespace Drover.Server.Features.Hosts;

/// <summary>Takes a host out of the fleet: its key opens nothing from then on, and its history stays.</summary>
internal sealed class RemoveHost(
    Database database, HostRegistry hosts, CancelCommand commands, EventLog events, TimeProvider time)
{
    public async Task RemoveAsync(EnrolledHost host, Person by, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await database.WriteAsync(
            session =>
            {
                HostStore.Remove(session, host.HostId, now);
                ContainerStore.DeleteAllOf(session, host.HostId);
                commands.CancelAllOf(session, host.HostId, by);
                events.Append(session, new EventDraft(EventTypes.HostRemoved, now, host.Name)
                {
                    HostId = host.HostId,
                    Data = EventDraft.Fields(("by", by.Name)),
                });
            },
            cancellationToken);
        hosts.Remove(host);
    }
}
