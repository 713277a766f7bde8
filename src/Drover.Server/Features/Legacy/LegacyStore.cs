using Drover.Runtime.Storage;

namespace Drover.Server.Features.Legacy;

/// <summary>The only code that touches the table <c>legacy_hosts</c>.</summary>
internal static class LegacyStore
{
    public static List<string> ReadAll(DbSession session) =>
        session.Query("SELECT host_id FROM legacy_hosts", row => row.Text("host_id"));

    /// <summary>False when the host was opted in before.</summary>
    public static bool Add(DbSession session, string hostId, string by, DateTimeOffset at) => session.Execute(
        """
        INSERT INTO legacy_hosts (host_id, allowed_at, allowed_by) VALUES (@id, @at, @by)
        ON CONFLICT (host_id) DO NOTHING
        """,
        ("@id", hostId),
        ("@at", at.ToUnixTimeMilliseconds()),
        ("@by", by)) == 1;

    /// <summary>False when the host was not opted in.</summary>
    public static bool Remove(DbSession session, string hostId) =>
        session.Execute("DELETE FROM legacy_hosts WHERE host_id = @id", ("@id", hostId)) == 1;
}
