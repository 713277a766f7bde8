using Drover.Core.Audit;
using Drover.Runtime.Storage;
using Drover.Server.Features.Access;
using Drover.Server.Features.Hosts;

namespace Drover.Server.Features.Audit;

/// <summary>
/// Writes down who did what, in the transaction that does it: there is no change without its entry and no entry without
/// its change. The chain's end is read within the transaction, so that one that is rolled back leaves no gap.
/// </summary>
internal sealed class AuditLog(TimeProvider time)
{
    /// <summary>Adds an entry to the work's changes.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="actor">Who.</param>
    /// <param name="action">What.</param>
    /// <param name="target">To what.</param>
    /// <param name="outcome">One of <see cref="AuditOutcomes"/>.</param>
    /// <param name="details">What else is worth knowing; what is null is left out.</param>
    public void Append(
        DbSession session,
        AuditActor actor,
        AuditAction action,
        string target,
        string outcome,
        params ReadOnlySpan<(string Name, string? Value)> details)
    {
        var detail = AuditText.Pairs([("actor_id", actor.Id), .. details]);
        var draft = new AuditDraft(time.GetUtcNow(), actor, action, target, outcome, detail);
        AuditStore.Insert(session, AuditChain.Append(AuditStore.Head(session), draft));
    }
}

/// <summary>Callers as the audit names them.</summary>
internal static class AuditActors
{
    public static AuditActor ToActor(this Person person) => new(
        person.TokenId is null ? AuditActorKinds.Person : AuditActorKinds.Token, person.Name, person.TokenId);

    public static AuditActor ToActor(this EnrolledHost host) => new(AuditActorKinds.Agent, host.Name, host.HostId);
}
