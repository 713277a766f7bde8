using Microsoft.Data.Sqlite;

namespace Drover.Runtime.Storage;

/// <summary>
/// A database file that somebody else owns, or nobody just now: opened read-only for one piece of work, its schema left
/// as it is. Sees what a killed process left in the write-ahead log.
/// </summary>
public static class DatabaseFile
{
    /// <summary>Runs work that only reads, in one transaction.</summary>
    /// <exception cref="StorageException">The file is missing, cannot be read or is no database.</exception>
    public static T Read<T>(string path, Func<DbSession, T> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        SqliteLibrary.Load();
        if (!File.Exists(path))
        {
            throw new StorageException($"cannot read the database \"{path}\": there is no such file");
        }

        try
        {
            using var connection = Open(path);
            var session = new DbSession(connection);
            try
            {
                session.Execute("BEGIN");
                return work(session);
            }
            finally
            {
                session.Close();
            }
        }
        catch (SqliteException exception)
        {
            throw StorageException.From(exception, "read", path);
        }
    }

    /// <summary>
    /// Copies a database, in use or not, into a file of its own (mode 0600): the state of one moment, whatever is
    /// written meanwhile, without what was deleted. Writers are not held up.
    /// </summary>
    /// <remarks>VACUUM INTO: https://www.sqlite.org/lang_vacuum.html#vacuuminto</remarks>
    /// <param name="path">The database.</param>
    /// <param name="copy">Where to; there is no such file yet.</param>
    /// <exception cref="StorageException">The database cannot be read or the copy cannot be written.</exception>
    public static void Copy(string path, string copy)
    {
        SqliteLibrary.Load();
        try
        {
            // Made here so that it has its mode from its first byte on; SQLite takes a file that is empty.
            using (File.Open(copy, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }))
            {
            }

            using var connection = Open(path);
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA query_only=OFF; VACUUM INTO @copy";
            command.Parameters.AddWithValue("@copy", copy);
            command.ExecuteNonQuery();
        }
        catch (SqliteException exception)
        {
            throw StorageException.From(exception, "copy", path);
        }
    }

    /// <summary>What SQLite finds wrong with the structure of a database; null when it finds nothing.</summary>
    /// <exception cref="StorageException">The file is missing, cannot be read or is no database.</exception>
    public static string? Examine(string path)
    {
        var found = Read(path, session => session.First("PRAGMA quick_check(1)", row => row.Text("quick_check")));
        return found is "ok" ? null : found ?? "it has no answer";
    }

    private static SqliteConnection Open(string path)
    {
        try
        {
            return Connect(path, "mode=ro");
        }
        catch (SqliteException) when (!File.Exists(path + "-wal"))
        {
            // Even to read, SQLite wants to make the log's index beside a database in WAL mode. Where it may not (a
            // backup on a read-only disk) and there is no log, nobody can be writing and the file is the whole truth.
            // https://www.sqlite.org/wal.html#read_only_databases
            return Connect(path, "immutable=1");
        }
    }

    private static SqliteConnection Connect(string path, string how)
    {
        var escaped = Uri.EscapeDataString(Path.GetFullPath(path)).Replace("%2F", "/", StringComparison.Ordinal);
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = $"file:{escaped}?{how}",
            Mode = SqliteOpenMode.ReadOnly,
            Pooling = false,
        }.ToString());
        try
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA busy_timeout=5000; PRAGMA query_only=ON; SELECT COUNT(*) FROM sqlite_master";
            command.ExecuteScalar();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
