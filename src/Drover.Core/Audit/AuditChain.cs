using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Drover.Core.Audit;

/// <summary>
/// Links entries so that none can be changed, taken out, put in or moved without the hashes showing it. Whoever can
/// write the whole table can also write a whole new chain: only a head that was noted elsewhere shows that, and only it
/// shows that entries at the end were cut off.
/// </summary>
/// <example>
/// One vector for other implementations. The bytes are netstrings (length in bytes, colon, bytes, line feed) of ten
/// fields, of which the last is the previous hash; times are Unix milliseconds.
/// <code>
/// 15:drover-audit-v1 1:1 13:1767225600000 6:person 4:root 12:token.create 4:t-01 4:done 10:role=admin 64:000...000
/// (a line feed after each field where this page has a space)
/// hash 29b3d2d442b2876298603445b22e912556766e2211c89c523d4c39296fc84bbb
/// </code>
/// </example>
public static class AuditChain
{
    private const string Format = "drover-audit-v1";

    /// <summary>Gives a draft its place behind the head.</summary>
    public static AuditEntry Append(AuditHead head, AuditDraft draft)
    {
        ArgumentNullException.ThrowIfNull(head);
        ArgumentNullException.ThrowIfNull(draft);
        var entry = new AuditEntry(
            head.Count + 1,
            DateTimeOffset.FromUnixTimeMilliseconds(draft.Time.ToUnixTimeMilliseconds()),
            draft.Actor.Kind,
            AuditText.Clean(draft.Actor.Name, AuditText.LongestName),
            draft.Action.Name,
            AuditText.Clean(draft.Target, AuditText.LongestName),
            draft.Outcome,
            AuditText.Clean(draft.Detail, AuditText.LongestDetail),
            head.Hash,
            string.Empty);
        return entry with { Hash = HashOf(entry) };
    }

    /// <summary>Lower-case hex SHA-256 of <see cref="CanonicalBytes"/>.</summary>
    public static string HashOf(AuditEntry entry) => Convert.ToHexStringLower(SHA256.HashData(CanonicalBytes(entry)));

    /// <summary>
    /// The bytes that are hashed: every field behind its length, so that no two entries have the same bytes. Public so
    /// that other implementations can be checked against it.
    /// </summary>
    public static byte[] CanonicalBytes(AuditEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        var text = new StringBuilder();
        Add(text, Format);
        Add(text, entry.Ordinal.ToString(CultureInfo.InvariantCulture));
        Add(text, entry.Time.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture));
        Add(text, entry.ActorKind);
        Add(text, entry.Actor);
        Add(text, entry.Action);
        Add(text, entry.Target);
        Add(text, entry.Outcome);
        Add(text, entry.Detail);
        Add(text, entry.PreviousHash);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>Whether the entries are a whole chain from the first on; see <see cref="AuditVerifier"/>.</summary>
    public static AuditVerdict Verify(IEnumerable<AuditEntry> entries, string? expectedHead = null)
    {
        ArgumentNullException.ThrowIfNull(entries);
        var verifier = new AuditVerifier(expectedHead);
        foreach (var entry in entries)
        {
            if (!verifier.Add(entry))
            {
                break;
            }
        }

        return verifier.Verdict;
    }

    private static void Add(StringBuilder text, string field) =>
        text.Append(CultureInfo.InvariantCulture, $"{Encoding.UTF8.GetByteCount(field)}:{field}\n");
}
