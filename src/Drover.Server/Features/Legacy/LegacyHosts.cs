using Drover.Core.Audit;
using Drover.Core.Events;
using Drover.Runtime.Storage;
using Drover.Server.Features.Access;
using Drover.Server.Features.Audit;
using Drover.Server.Features.Events;
using Drover.Server.Features.Hosts;
using Drover.Server.Hosting;
using Drover.Wire.People;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Drover.Server.Features.Legacy;

/// <summary>
/// Which hosts may sign as the older protocol does. Off for every host until an admin says otherwise; switched off, the
/// next such request is refused.
/// </summary>
internal sealed class LegacyHosts(
    Database database, HostRegistry hosts, EventLog events, AuditLog audit, TimeProvider time)
{
    public static async Task<Results<Ok<HostDto>, Problem>> Handle(
        string host, HttpContext context, HostRegistry hosts, LegacyHosts legacy)
    {
        var request = await PeopleBody.ReadAsync<SetLegacyRequest>(context);
        if (request.Legacy is not { } isOn)
        {
            return Problem.InvalidRequest(
                "cannot switch the older protocol: \"legacy\" is missing; write true or false");
        }

        if (hosts.Find(host) is not { } found)
        {
            return Problem.NotFound($"There is no host \"{host}\".");
        }

        if (!found.Kind.HasEngine)
        {
            return Problem.Conflict($"\"{found.Name}\" is a {found.Kind.Word}: the older protocol has none.");
        }

        await legacy.SetAsync(found, isOn, context.Person());
        return TypedResults.Ok(HostView.Of(found));
    }

    /// <summary>Marks the hosts that are in memory, at the server's start.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        foreach (var hostId in await database.ReadAsync(LegacyStore.ReadAll, cancellationToken))
        {
            if (hosts.ById(hostId) is { } host)
            {
                host.IsLegacy = true;
            }
        }
    }

    /// <summary>Writes down that a host is opted in, within the work that lets it join.</summary>
    public void Allow(DbSession session, HostIdentity host, string by, DateTimeOffset now)
    {
        LegacyStore.Add(session, host.HostId, by, now);
        events.Append(session, Switched(host, isOn: true, by, now));
    }

    private async Task SetAsync(EnrolledHost host, bool isOn, Person by)
    {
        if (!isOn)
        {
            // In memory first: what is no longer allowed must not pass while the disk is slow.
            host.IsLegacy = false;
        }

        await database.WriteAsync(
            session =>
            {
                var now = time.GetUtcNow();
                var changed = isOn
                    ? LegacyStore.Add(session, host.HostId, by.Name, now)
                    : LegacyStore.Remove(session, host.HostId);
                if (changed)
                {
                    events.Append(session, Switched(host.Identity, isOn, by.Name, now));
                }

                audit.Append(
                    session,
                    by.ToActor(),
                    AuditActions.HostLegacy,
                    host.HostId,
                    AuditOutcomes.Done,
                    ("name", host.Name),
                    ("legacy", isOn ? "on" : "off"));
                session.AfterCommit(() => host.IsLegacy = isOn);
            },
            CancellationToken.None);
    }

    private static EventDraft Switched(HostIdentity host, bool isOn, string by, DateTimeOffset now) =>
        new(EventTypes.HostLegacy, now, host.Name)
        {
            HostId = host.HostId,
            Data = EventDraft.Fields(("legacy", isOn ? "on" : "off"), ("by", by)),
        };
}
