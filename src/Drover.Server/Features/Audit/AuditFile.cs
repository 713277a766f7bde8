using Drover.Core.Audit;
using Drover.Runtime.Storage;

namespace Drover.Server.Features.Audit;

/// <summary>
/// Checks the audit straight in a database file, which it opens read-only: while no server runs, or in a backup. Needs
/// no migration to be run and trusts nothing the file says but the entries themselves.
/// </summary>
public static class AuditFile
{
    private const int PageSize = 1000;
    private const string UnreadableRow = "it cannot be read: a column has a value of another kind than was written";

    /// <summary>What the entries of the file add up to.</summary>
    /// <param name="path">A server's database.</param>
    /// <param name="expectedHead">A head that was noted before, or null.</param>
    /// <exception cref="StorageException">It is missing, no server's database, or of an older version.</exception>
    public static AuditVerdict Verify(string path, string? expectedHead) => DatabaseFile.Read(path, session =>
    {
        if (session.Number("SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'audit'") == 0)
        {
            throw new StorageException(
                $"cannot verify the audit in \"{path}\": it has none; it is not a server's database, or one that no "
                + "server of this version has opened yet");
        }

        var verifier = new AuditVerifier(expectedHead);
        while (AddPage(session, verifier))
        {
        }

        return verifier.Verdict;
    });

    private static bool AddPage(DbSession session, AuditVerifier verifier)
    {
        List<AuditEntry> page;
        try
        {
            page = AuditStore.ReadAfter(session, After(verifier), AuditFilter.All, PageSize);
        }
        catch (Exception exception) when (exception is InvalidOperationException or InvalidCastException
            or ArgumentOutOfRangeException or FormatException)
        {
            AddOneByOne(session, verifier);
            return false;
        }

        return page.Count > 0 && page.TrueForAll(verifier.Add);
    }

    /// <summary>The first page has no lower end: an entry put in before the first one shall be seen too.</summary>
    private static long After(AuditVerifier verifier) => verifier.Count == 0 ? long.MinValue : verifier.Count;

    /// <summary>Finds out which entry of a page it is that cannot be read.</summary>
    private static void AddOneByOne(DbSession session, AuditVerifier verifier)
    {
        try
        {
            while (AuditStore.ReadAfter(session, After(verifier), AuditFilter.All, 1) is [var entry]
                && verifier.Add(entry))
            {
            }
        }
        catch (Exception exception) when (exception is InvalidOperationException or InvalidCastException
            or ArgumentOutOfRangeException or FormatException)
        {
            verifier.AddUnreadable(UnreadableRow);
        }
    }
}
