using Drover.Core.Audit;
using Drover.Core.Events;
using Drover.Core.Fleet;
using Drover.Runtime.Storage;
using Drover.Server.Features.Access;
using Drover.Server.Features.Audit;
using Drover.Server.Features.Commands;
using Drover.Server.Features.Events;
using Drover.Server.Features.Logs;
using Drover.Server.Hosting;

namespace Drover.Server.Features.Hosts;

/// <summary>
/// Refuses a host from this moment on: its keys are destroyed, its polls and streams end, what waits for it is
/// cancelled. It stays in the list as <c>revoked</c> with what was last known of it, until somebody removes it.
/// </summary>
internal sealed class RevokeHost(
    Database database,
    CancelCommand commands,
    FollowRelay follows,
    EventLog events,
    AuditLog audit,
    TimeProvider time)
{
    public async Task RevokeAsync(EnrolledHost host, Person by, CancellationToken cancellationToken)
    {
        // In memory first: a key that somebody has in the wrong hands must not pass while the disk is slow.
        host.Keys = HostKeys.Nobodys();
        var now = time.GetUtcNow();
        lock (host.Gate)
        {
            var status = HostMachine.Decide(host.Sighting.Status, new HostInput.KeyRevoked(time.Monotonic())).Next;
            host.Sighting = host.Sighting with { Status = status, Since = now };
        }

        await database.WriteAsync(
            session =>
            {
                if (!HostStore.Revoke(session, host.HostId, now))
                {
                    // Somebody else was a moment faster; it is theirs in the events and the audit.
                    return;
                }

                HostStore.SaveSighting(session, host.HostId, host.Sighting);
                commands.CancelAllOf(session, host.HostId, by);
                events.Append(session, new EventDraft(EventTypes.HostRevoked, now, host.Name)
                {
                    HostId = host.HostId,
                    Data = EventDraft.Fields(("by", by.Name)),
                });
                audit.Append(
                    session, by.ToActor(), AuditActions.HostRevoke, host.HostId, AuditOutcomes.Done,
                    ("name", host.Name));
            },
            cancellationToken);
        follows.CutAll(host);
        host.Work.Beat();
    }
}
