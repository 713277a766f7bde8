namespace Drover.Wire.People;

/// <summary>A line of the audit, with all that its hash is made of (docs/decisions/0017-audit-format.md).</summary>
/// <param name="Ordinal">Rises by one from 1, without a gap.</param>
/// <param name="Time">When, to the millisecond.</param>
/// <param name="ActorKind"><c>person</c>, <c>token</c>, <c>agent</c>, <c>system</c> or <c>stranger</c>.</param>
/// <param name="Actor">The actor's name.</param>
/// <param name="Action">A name of the closed set (docs/reference/audit.md).</param>
/// <param name="Target">What it was done to.</param>
/// <param name="Outcome"><c>done</c>, <c>failed</c> or <c>denied</c>.</param>
/// <param name="Detail">Pairs <c>name=value</c>.</param>
/// <param name="PreviousHash">Hash of the entry before.</param>
/// <param name="Hash">Hash of this entry.</param>
public sealed record AuditEntryDto(
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
