namespace Drover.Core.Audit;

/// <summary>
/// One line of the audit. Its fields are plain text, so that any version can check what any other wrote; what they may
/// be is in <see cref="AuditActorKinds"/>, <see cref="AuditActions"/> and <see cref="AuditOutcomes"/>.
/// </summary>
/// <param name="Ordinal">Rises by one from 1, without a gap.</param>
/// <param name="Time">When, to the millisecond, by the server's clock.</param>
/// <param name="ActorKind">What kind of actor.</param>
/// <param name="Actor">The actor's name.</param>
/// <param name="Action">What was done or refused.</param>
/// <param name="Target">What it was done to.</param>
/// <param name="Outcome">How it went.</param>
/// <param name="Detail">Whatever else is worth knowing, as <c>name=value</c> pairs; never a secret.</param>
/// <param name="PreviousHash">Hash of the entry before; of the first entry, <see cref="AuditHead.Genesis"/>.</param>
/// <param name="Hash">Hash of all of the above; see <see cref="AuditChain.HashOf"/>.</param>
public sealed record AuditEntry(
    long Ordinal,
    DateTimeOffset Time,
    string ActorKind,
    string Actor,
    string Action,
    string Target,
    string Outcome,
    string Detail,
    string PreviousHash,
    string Hash);

/// <summary>An entry before it has its place in the chain.</summary>
/// <param name="Time">When.</param>
/// <param name="Actor">Who.</param>
/// <param name="Action">What.</param>
/// <param name="Target">To what.</param>
/// <param name="Outcome">One of <see cref="AuditOutcomes"/>.</param>
/// <param name="Detail">Of <see cref="AuditText.Pairs"/>, or empty.</param>
public sealed record AuditDraft(
    DateTimeOffset Time, AuditActor Actor, AuditAction Action, string Target, string Outcome, string Detail = "");

/// <summary>Where the chain ends: what the next entry is linked to, and what a person notes elsewhere.</summary>
/// <param name="Count">Entries so far, which is the last one's ordinal.</param>
/// <param name="Hash">The last one's hash.</param>
public sealed record AuditHead(long Count, string Hash)
{
    /// <summary>What the first entry is linked to.</summary>
    public const string Genesis = "0000000000000000000000000000000000000000000000000000000000000000";

    /// <summary>The head of a chain without entries.</summary>
    public static AuditHead Empty { get; } = new(0, Genesis);

    /// <summary>The head that an entry makes.</summary>
    public static AuditHead Of(AuditEntry entry) => new(entry.Ordinal, entry.Hash);
}
