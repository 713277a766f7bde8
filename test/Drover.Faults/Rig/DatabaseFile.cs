using Drover.Runtime.Storage;
using Microsoft.Data.Sqlite;

namespace Drover.Faults.Rig;

/// <summary>A database as a killed server left it.</summary>
internal static class DatabaseFile
{
    /// <summary>Opens it, which recovers its log, and gives what SQLite finds wrong: <c>ok</c> is nothing.</summary>
    public static string IntegrityOf(string path)
    {
        SqliteLibrary.Load();
        using var connection = new SqliteConnection($"Data Source={path};Mode=ReadWrite;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA integrity_check";
        return (string)command.ExecuteScalar()!;
    }
}
