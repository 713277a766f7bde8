using Microsoft.Data.Sqlite;

namespace Drover.Runtime.Storage;

/// <summary>
/// Brings a database to the newest schema this version knows: forward only, each step in a transaction.
/// </summary>
internal static class Migrator
{
    public static void Run(
        SqliteConnection connection, string path, IReadOnlyList<Migration> migrations, TimeProvider time)
    {
        Execute(connection, null, """
            CREATE TABLE IF NOT EXISTS schema_version (
                number BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL)
            """);
        var applied = Applied(connection);
        var newest = migrations.Count == 0 ? 0 : migrations[^1].Number;
        if (applied > newest)
        {
            throw new StorageException(
                $"cannot open the database \"{path}\": it was written by a newer version of Drover "
                + $"(schema {applied}, this version knows {newest}); install that version or restore an older backup");
        }

        foreach (var migration in migrations.Where(migration => migration.Number > applied))
        {
            using var transaction = connection.BeginTransaction();
            Execute(connection, transaction, migration.Sql);
            using var command = connection.CreateCommand();
            command.Transaction = transaction;
            command.CommandText = "INSERT INTO schema_version (number, name, applied_at) VALUES (@number, @name, @at)";
            command.Parameters.AddWithValue("@number", migration.Number);
            command.Parameters.AddWithValue("@name", migration.Name);
            command.Parameters.AddWithValue("@at", time.GetUtcNow().ToUnixTimeMilliseconds());
            command.ExecuteNonQuery();
            transaction.Commit();
        }
    }

    private static long Applied(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT COALESCE(MAX(number), 0) FROM schema_version";
        return (long)command.ExecuteScalar()!;
    }

    private static void Execute(SqliteConnection connection, SqliteTransaction? transaction, string sql)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
