using Drover.Runtime.Storage;

namespace Drover.Server.Features.Inventory;

/// <summary>
/// The only code that touches the table <c>containers</c>. Nothing hangs on its rows: history stays when one goes.
/// </summary>
internal static class ContainerStore
{
    public static ILookup<string, StoredContainer> ReadAll(DbSession session) => session
        .Query(
            "SELECT host_id, docker_id, document FROM containers",
            row => new StoredContainer(row.Text("host_id"), row.Text("document")))
        .ToLookup(row => row.HostId, StringComparer.Ordinal);

    /// <summary>Stores what one message changed, and only that.</summary>
    public static void Save(DbSession session, string hostId, InventoryChange change, DateTimeOffset at)
    {
        foreach (var container in change.Added.Concat(change.Updated))
        {
            session.Execute(
                """
                INSERT INTO containers (host_id, docker_id, document, changed_at) VALUES (@host, @id, @document, @at)
                ON CONFLICT (host_id, docker_id) DO UPDATE
                SET document = excluded.document, changed_at = excluded.changed_at
                """,
                ("@host", hostId),
                ("@id", container.DockerId),
                ("@document", container.Document()),
                ("@at", at.ToUnixTimeMilliseconds()));
        }

        foreach (var dockerId in change.Removed)
        {
            session.Execute(
                "DELETE FROM containers WHERE host_id = @host AND docker_id = @id",
                ("@host", hostId),
                ("@id", dockerId));
        }
    }

    public static void DeleteAllOf(DbSession session, string hostId) =>
        session.Execute("DELETE FROM containers WHERE host_id = @host", ("@host", hostId));
}

/// <summary>A row of the table <c>containers</c>.</summary>
internal sealed record StoredContainer(string HostId, string Document);
