using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace Drover.Runtime.Storage;

/// <summary>
/// A SQLite database with one writer and several readers. Writes queue in a bounded channel; the writer commits all
/// that wait in one transaction, so that a crowd of small writes costs one fsync, and a task completes only when its
/// change is on the disk (WAL, synchronous=FULL): what was acknowledged survives a crash of process and machine. Each
/// piece of work stands behind a savepoint, so that one that throws leaves the others alone. Owns its connections and
/// the writer's loop; disposal finishes the queue first.
/// </summary>
public sealed class Database : IAsyncDisposable
{
    private const int QueueLength = 4096;
    private const int LargestBatch = 256;
    private const int Readers = 4;

    private readonly string _path;
    private readonly DbSession _writer;
    private readonly ConcurrentBag<DbSession> _idleReaders = [];
    private readonly SemaphoreSlim _readerSlots = new(Readers);
    private readonly Channel<WriteJob> _queue =
        Channel.CreateBounded<WriteJob>(new BoundedChannelOptions(QueueLength) { SingleReader = true });

    private readonly Task _loop;

    private Database(string path, DbSession writer)
    {
        _path = path;
        _writer = writer;
        _loop = Task.Run(WriteQueuedAsync);
    }

    /// <summary>Commits so far; an idle server's stand still.</summary>
    public long Commits { get; private set; }

    /// <summary>Opens or creates the file (mode 0600) and brings its schema up to date.</summary>
    /// <exception cref="StorageException">It cannot be opened, or a newer version wrote it.</exception>
    public static Database Open(string path, IReadOnlyList<Migration> migrations, TimeProvider time)
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

            return new Database(path, new DbSession(connection));
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
    public async Task<T> WriteAsync<T>(Func<DbSession, T> work, CancellationToken cancellationToken)
    {
        var job = new WriteJob<T>(work);
        try
        {
            await _queue.Writer.WriteAsync(job, cancellationToken);
        }
        catch (ChannelClosedException)
        {
            throw new StorageException($"cannot write to the database \"{_path}\": the server is stopping");
        }

        // Once queued the work runs to its end: a caller that goes away must not leave others guessing what was stored.
        return await job.Completion.Task;
    }

    /// <summary>As the other overload, for work without a result.</summary>
    public Task WriteAsync(Action<DbSession> work, CancellationToken cancellationToken) =>
        WriteAsync(
            session =>
            {
                work(session);
                return true;
            },
            cancellationToken);

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
        _queue.Writer.TryComplete();
        await _loop;
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
        }.ToString());
        try
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = $"PRAGMA busy_timeout=5000; {pragmas}";
            command.ExecuteNonQuery();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private async Task WriteQueuedAsync()
    {
        var batch = new List<WriteJob>(LargestBatch);
        while (await _queue.Reader.WaitToReadAsync())
        {
            while (batch.Count < LargestBatch && _queue.Reader.TryRead(out var job))
            {
                batch.Add(job);
            }

            WriteBatch(batch);
            batch.Clear();
        }
    }

    private void WriteBatch(List<WriteJob> batch)
    {
        try
        {
            _writer.Execute("BEGIN IMMEDIATE");
            foreach (var job in batch)
            {
                Run(job);
            }

            _writer.Execute("COMMIT");
            Commits++;
        }
        catch (Exception exception)
        {
            var failure =
                exception is SqliteException sqlite ? StorageException.From(sqlite, "write to", _path) : exception;
            RollBack();
            _writer.TakeAfterCommit(0);
            batch.ForEach(job => job.Fail(failure));
            return;
        }

        var hooks = _writer.TakeAfterCommit(0);
        try
        {
            hooks.ForEach(hook => hook());
        }
        finally
        {
            batch.ForEach(job => job.Acknowledge());
        }
    }

    private void Run(WriteJob job)
    {
        var hooks = _writer.AfterCommitCount;
        _writer.Execute("SAVEPOINT job");
        try
        {
            job.Run(_writer);
        }
        catch (Exception exception) when (!SpoilsTheBatch(exception))
        {
            _writer.Execute("ROLLBACK TO job");
            _writer.TakeAfterCommit(hooks);
            job.Fail(
                exception is SqliteException sqlite ? StorageException.From(sqlite, "write to", _path) : exception);
        }

        _writer.Execute("RELEASE job");
    }

    /// <summary>
    /// A full disk, a failing one and the like make SQLite roll the whole transaction back by itself.
    /// </summary>
    private static bool SpoilsTheBatch(Exception exception) =>
        exception is SqliteException { SqliteErrorCode: 7 or 9 or 10 or 13 };

    private void RollBack()
    {
        try
        {
            _writer.Execute("ROLLBACK");
        }
        catch (SqliteException)
        {
            // Already rolled back by SQLite itself.
        }
    }
}
