using Drover.Core.Audit;
using Drover.Core.Events;
using Drover.Runtime.Storage;
using Drover.Server.Features.Access;
using Drover.Server.Features.Audit;
using Drover.Server.Features.Commands;
using Drover.Server.Features.Events;
using Drover.Server.Features.Inventory;
using Drover.Server.Features.Legacy;
using Drover.Server.Features.Logs;

namespace Drover.Server.Features.Hosts;

/// <summary>Takes a host out of the fleet: its key opens nothing from then on, and its history stays.</summary>
internal sealed class RemoveHost(
    Database database,
    HostRegistry hosts,
    CancelCommand commands,
    FollowRelay follows,
    EventLog events,
    AuditLog audit,
    TimeProvider time)
{
    public async Task RemoveAsync(EnrolledHost host, Person by, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await database.WriteAsync(
            session =>
            {
                if (!HostStore.Remove(session, host.HostId, now))
                {
                    // Somebody else was a moment faster; it is theirs in the events and the audit.
                    return;
                }

                ContainerStore.DeleteAllOf(session, host.HostId);
                LegacyStore.Remove(session, host.HostId);
                commands.CancelAllOf(session, host.HostId, by);
                events.Append(session, new EventDraft(EventTypes.HostRemoved, now, host.Name)
                {
                    HostId = host.HostId,
                    Data = EventDraft.Fields(("by", by.Name)),
                });
                audit.Append(
                    session,
                    by.ToActor(),
                    AuditActions.HostRemove,
                    host.HostId,
                    AuditOutcomes.Done,
                    ("name", host.Name));
            },
            cancellationToken);
        hosts.Remove(host);
        follows.CutAll(host);
    }
}
