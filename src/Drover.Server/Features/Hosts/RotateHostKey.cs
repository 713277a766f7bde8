using Drover.Core.Audit;
using Drover.Core.Events;
using Drover.Core.Trust;
using Drover.Runtime.Faults;
using Drover.Runtime.Storage;
using Drover.Server.Features.Access;
using Drover.Server.Features.Audit;
using Drover.Server.Features.Enrollment;
using Drover.Server.Features.Events;
using Drover.Server.Hosting;
using Drover.Wire;
using Drover.Wire.Agents;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Drover.Server.Features.Hosts;

/// <summary>
/// Gives a host a new key without a moment in which it has none: an admin orders it, the answers to its heartbeats pass
/// the order on, the host makes the key and gives it under the old one, and both are good until the first request that
/// is signed with the new one. Every step can be done again, so a lost answer or a death between two costs nothing.
/// </summary>
internal sealed class RotateHostKey(
    Database database, HostKeyring keyring, EventLog events, AuditLog audit, TimeProvider time)
{
    /// <summary>An admin orders a new key.</summary>
    public Task OrderAsync(EnrolledHost host, Person by, CancellationToken cancellationToken) => database.WriteAsync(
        session =>
        {
            var now = time.GetUtcNow();
            if (!HostStore.OrderKey(session, host.HostId, now))
            {
                return;
            }

            audit.Append(
                session, by.ToActor(), AuditActions.HostRotateKey, host.HostId, AuditOutcomes.Done,
                ("name", host.Name));
            session.AfterCommit(() => host.Keys = host.Keys with { OrderedAt = now });
        },
        cancellationToken);

    /// <summary>The host gives the key it made.</summary>
    public static async Task<Results<Ok<NewKeyResponse>, Problem>> Receive(HttpContext context, RotateHostKey rotation)
    {
        var agent = context.Agent();
        var request = AgentBody.Read(agent.Body, WireJson.Default.NewKeyRequest);
        if (!AgentKey.TryParse(request.Key, out var key))
        {
            return Problem.InvalidRequest(
                $"cannot take the key: it is missing or not {AgentKey.MinLength} to {AgentKey.MaxLength} printable "
                    + "characters");
        }

        return await rotation.StoreAsync(agent.Host, key!)
            ? TypedResults.Ok(new NewKeyResponse("ok"))
            : Problem.Conflict("This host was not ordered to make a new key.");
    }

    /// <summary>
    /// The host signed with the key it gave: the old one is good for nothing from here on. Done before the request is.
    /// </summary>
    public async Task PromoteAsync(EnrolledHost host, AgentKey key)
    {
        await database.WriteAsync(
            session =>
            {
                if (!HostStore.PromoteKey(session, host.HostId))
                {
                    // Another request of the same moment did.
                    return;
                }

                events.Append(
                    session,
                    new EventDraft(EventTypes.HostKeyRotated, time.GetUtcNow(), host.Name) { HostId = host.HostId });
                session.AfterCommit(() => host.Keys = new HostKeys(key));
            },
            CancellationToken.None);
        FaultPoint.Reach(FaultPoints.KeyPromoted);
    }

    private async Task<bool> StoreAsync(EnrolledHost host, AgentKey key)
    {
        if (key.Equals(host.Key))
        {
            // It is the key already: the answer was lost, and the host signed with it meanwhile.
            return true;
        }

        var stored = await database.WriteAsync(
            session =>
            {
                if (!HostStore.SaveNextKey(session, host.HostId, keyring.Seal(host.HostId, key)))
                {
                    return false;
                }

                audit.Append(
                    session, host.ToActor(), AuditActions.HostKey, host.HostId, AuditOutcomes.Done,
                    ("name", host.Name));
                session.AfterCommit(() => host.Keys = host.Keys with { Next = key });
                return true;
            },
            CancellationToken.None);
        FaultPoint.Reach(FaultPoints.KeyStored);
        return stored;
    }
}
