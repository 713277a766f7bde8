using System.Globalization;

namespace Drover.Core.Audit;

/// <summary>What checking the audit found.</summary>
public abstract record AuditVerdict
{
    private AuditVerdict()
    {
    }

    /// <summary>Every entry is what was written, where it was written.</summary>
    /// <param name="Count">Entries there are.</param>
    /// <param name="Head">The last one's hash, to be noted elsewhere.</param>
    public sealed record Intact(long Count, string Head) : AuditVerdict;

    /// <summary>Something was changed, taken out, put in or cut off.</summary>
    /// <param name="Ordinal">The first entry that cannot be believed.</param>
    /// <param name="Why">One sentence without a full stop.</param>
    public sealed record Broken(long Ordinal, string Why) : AuditVerdict;
}

/// <summary>
/// Checks a chain entry by entry, so that one of any length needs no memory. The first thing wrong settles the verdict.
/// </summary>
/// <param name="expectedHead">
/// A head that was noted before: some entry must still have that hash. The chain may have grown since. Null: none was
/// noted.
/// </param>
public sealed class AuditVerifier(string? expectedHead = null)
{
    private AuditHead _head = AuditHead.Empty;
    private bool _metExpected = expectedHead is null or AuditHead.Genesis;
    private AuditVerdict.Broken? _broken;

    /// <summary>How many entries were found to be right so far.</summary>
    public long Count => _head.Count;

    /// <summary>What is known now; final once all entries were added.</summary>
    public AuditVerdict Verdict
    {
        get
        {
            if (_broken is not null)
            {
                return _broken;
            }

            return _metExpected ? new AuditVerdict.Intact(_head.Count, _head.Hash) : NotMet();
        }
    }

    /// <summary>Checks the next entry; false when the chain is broken and there is nothing more to learn.</summary>
    public bool Add(AuditEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (_broken is null && Why(entry) is { } why)
        {
            _broken = new AuditVerdict.Broken(_head.Count + 1, why);
        }

        if (_broken is not null)
        {
            return false;
        }

        _head = AuditHead.Of(entry);
        _metExpected |= entry.Hash == expectedHead;
        return true;
    }

    /// <summary>The next entry cannot even be read.</summary>
    public void AddUnreadable(string why) => _broken ??= new AuditVerdict.Broken(_head.Count + 1, why);

    private AuditVerdict.Broken NotMet() => new(
        _head.Count + 1,
        "no entry has the hash that was noted as the head: entries at the end were cut off, "
        + "or the chain was written anew");

    private string? Why(AuditEntry entry)
    {
        if (entry.Ordinal != _head.Count + 1)
        {
            var given = entry.Ordinal.ToString(CultureInfo.InvariantCulture);
            return $"entry {given} stands in its place: entries were taken out, put in or moved";
        }

        if (entry.PreviousHash != _head.Hash)
        {
            return "it is not linked to the entry before it: one of the two was replaced";
        }

        return entry.Hash == AuditChain.HashOf(entry)
            ? null
            : "it is not what was written: a field or its hash was changed";
    }
}
