using System.Globalization;
using Drover.Runtime.Storage;
using Microsoft.Data.Sqlite;

namespace Drover.Faults.Rig;

/// <summary>The server's database, seen past the server.</summary>
internal static class DatabaseFile
{
    /// <summary>
    /// Opens what a killed server left, which recovers its log, and gives what SQLite finds wrong: <c>ok</c> is
    /// nothing.
    /// </summary>
    public static string IntegrityOf(string path)
    {
        using var connection = Open(path);
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA integrity_check";
        return (string)command.ExecuteScalar()!;
    }

    /// <summary>The commands that have not ended, a line each: state, attempts, lease, and since when.</summary>
    public static IReadOnlyList<string> UnfinishedOf(string path)
    {
        try
        {
            using var connection = Open(path);
            using var command = connection.CreateCommand();
            command.CommandText =
                """
                SELECT command_id, type, app_code, state, attempts, created_at, updated_at, lease_until FROM commands
                WHERE state IN ('queued', 'leased', 'executing') ORDER BY number
                """;
            using var reader = command.ExecuteReader();
            var lines = new List<string>();
            while (reader.Read())
            {
                lines.Add(
                    $"{reader.GetString(0)} ({reader.GetString(1)} {reader.GetString(2)}) is {reader.GetString(3)} "
                    + $"since {Time(reader, 6)}, ordered {Time(reader, 5)}, given out {reader.GetInt64(4)} times, "
                    + $"lease until {Time(reader, 7)}");
            }

            return lines.Count > 0 ? lines : ["every command has ended"];
        }
        catch (SqliteException error)
        {
            return [$"the database does not say what has not ended: {error.Message}"];
        }
    }

    private static SqliteConnection Open(string path)
    {
        SqliteLibrary.Load();
        var connection = new SqliteConnection($"Data Source={path};Mode=ReadWrite;Pooling=False");
        connection.Open();
        return connection;
    }

    private static string Time(SqliteDataReader reader, int column) => reader.IsDBNull(column)
        ? "-"
        : DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(column))
            .ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);
}
