using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.Runtime.Storage;

/// <summary>
/// A SQLite database with one writer and several readers. Writes queue in a bounded channel; the writer commits all
/// that wait in one transaction, so that a crowd of small writes costs one fsync, and a task completes only when its
/// change is on the disk (WAL, synchronous=FULL): what was acknowledged survives a crash of process and machine. Owns
/// its connections and the writer; disposal finishes the queue first.
/// </summary>
public sealed class Database : IAsyncDisposable
{
    private const int Readers = 4;
    private const int BusySeconds = 5;

    private readonly string _path;
    private readonly DatabaseWriter _writer;
    private readonly ConcurrentBag<DbSession> _idleReaders = [];
    private readonly SemaphoreSlim _readerSlots = new(Readers);

    private Database(string path, DatabaseWriter writer)
    {
        _path = path;
        _writer = writer;
    }

    /// <summary>
    /// Ends with the writer: in success after disposal, in failure when the writer died of a defect and nothing can be
    /// stored any more.
    /// </summary>
    public Task Completion => _writer.Completion;

    /// <summary>Commits so far; an idle server's stand still.</summary>
    public long Commits => _writer.Commits;

    /// <summary>Rows written so far; an idle server's stand still.</summary>
    public long RowsWritten => _writer.RowsWritten;

    /// <summary>Opens or creates the file (mode 0600) and brings its schema up to date.</summary>
    /// <exception cref="StorageException">It cannot be opened, or a newer version wrote it.</exception>
    public static Database Open(
        string path, IReadOnlyList<Migration> migrations, TimeProvider time, ILogger<Database>? logger = null)
    {
        SqliteLibrary.Load();
        try
        {
            CreateFile(path);
            var connection = Connect(path, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL");
            try
            {
                Migrator.Run(connection, path, migrations, time);
            }
            catch
            {
                connection.Dispose();
                throw;
            }

            return new Database(
                path,
                new DatabaseWriter(
                    path, new DbSession(connection), time, logger ?? NullLogger<Database>.Instance));
        }
        catch (SqliteException exception)
        {
            throw StorageException.From(exception, "open", path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"cannot open the database \"{path}\": {exception.Message}", exception);
        }
    }

    /// <summary>Runs work that changes data; completes when the change is durable.</summary>
    /// <exception cref="StorageException">The change could not be stored; nothing of it is.</exception>
    public Task<T> WriteAsync<T>(Func<DbSession, T> work, CancellationToken cancellationToken) =>
        _writer.WriteAsync(work, cancellationToken);

    /// <summary>As the other overload, for work without a result.</summary>
    public Task WriteAsync(Action<DbSession> work, CancellationToken cancellationToken) =>
        WriteAsync(
            session =>
            {
                work(session);
                return true;
            },
            cancellationToken);

    /// <summary>
    /// Why nothing can be stored now, or null: the last commit's failure until one succeeds. While there is such a
    /// failure, asking tries again now and then, with a transaction that writes.
    /// </summary>
    public Task<StorageException?> CheckWritableAsync(CancellationToken cancellationToken) =>
        _writer.CheckAsync(cancellationToken);

    /// <summary>Runs work that only reads, on one of a few connections.</summary>
    public async Task<T> ReadAsync<T>(Func<DbSession, T> work, CancellationToken cancellationToken)
    {
        await _readerSlots.WaitAsync(cancellationToken);
        try
        {
            if (!_idleReaders.TryTake(out var session))
            {
                session = new DbSession(Connect(_path, "PRAGMA query_only=ON"));
            }

            try
            {
                return work(session);
            }
            finally
            {
                _idleReaders.Add(session);
            }
        }
        catch (SqliteException exception)
        {
            throw StorageException.From(exception, "read", _path);
        }
        finally
        {
            _readerSlots.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _writer.FinishAsync();
        while (_idleReaders.TryTake(out var session))
        {
            session.Close();
        }

        _writer.Close();
        _readerSlots.Dispose();
    }

    private static void CreateFile(string path)
    {
        if (!File.Exists(path))
        {
            using var file = new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
        }
    }

    private static SqliteConnection Connect(string path, string pragmas)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = SqliteOpenMode.ReadWrite,
            Pooling = false,

            // The library retries a busy database by itself until this is over (30 s if nothing is said), on top of
            // SQLite's own busy_timeout.
            DefaultTimeout = BusySeconds,
        }.ToString());
        try
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = $"PRAGMA busy_timeout={BusySeconds * 1000}; {pragmas}";
            command.ExecuteNonQuery();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
