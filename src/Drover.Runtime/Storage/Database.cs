using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.Runtime.Storage;

/// <summary>
/// A SQLite database with one writer and several readers. Writes queue in a bounded channel; the writer commits all
/// that wait in one transaction, so that a crowd of small writes costs one fsync, and a task completes only when its
/// change is on the disk (WAL, synchronous=FULL): what was acknowledged survives a crash of process and machine. Each
/// piece of work stands behind a savepoint, so that one that throws leaves the others alone. Owns its connections and
/// the writer's loop; disposal finishes the queue first.
/// </summary>
public sealed partial class Database : IAsyncDisposable
{
    private const int QueueLength = 4096;
    private const int LargestBatch = 256;
    private const int Readers = 4;
    private const int BusySeconds = 5;

    private static readonly TimeSpan ProbeEvery = TimeSpan.FromSeconds(5);

    private readonly string _path;
    private readonly DbSession _writer;
    private readonly ConcurrentBag<DbSession> _idleReaders = [];
    private readonly SemaphoreSlim _readerSlots = new(Readers);
    private readonly Channel<WriteJob> _queue =
        Channel.CreateBounded<WriteJob>(new BoundedChannelOptions(QueueLength) { SingleReader = true });

    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private StorageException? _failure;
    private long _probedAt;

    private Database(string path, DbSession writer, TimeProvider time, ILogger logger)
    {
        _path = path;
        _writer = writer;
        _time = time;
        _logger = logger;
        Completion = Task.Run(RunWriterAsync);
    }

    /// <summary>
    /// Ends with the writer: in success after disposal, in failure when the writer died of a defect and nothing can be
    /// stored any more.
    /// </summary>
    public Task Completion { get; }

    /// <summary>Commits so far; an idle server's stand still.</summary>
    public long Commits { get; private set; }

    /// <summary>Rows written so far; an idle server's stand still.</summary>
    public long RowsWritten => _writer.RowsChanged;

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

            return new Database(path, new DbSession(connection), time, logger ?? NullLogger<Database>.Instance);
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
            throw Volatile.Read(ref _failure) is { } failure && Completion.IsFaulted
                ? failure
                : new StorageException($"cannot write to the database \"{_path}\": the server is stopping");
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

    /// <summary>
    /// Why nothing can be stored now, or null: the last commit's failure until one succeeds. While there is such a
    /// failure, asking tries again now and then, with a transaction that writes.
    /// </summary>
    public async Task<StorageException?> CheckWritableAsync(CancellationToken cancellationToken)
    {
        var probed = Interlocked.Read(ref _probedAt);
        if (Volatile.Read(ref _failure) is not null
            && !Completion.IsCompleted
            && _time.GetElapsedTime(probed) >= ProbeEvery
            && Interlocked.CompareExchange(ref _probedAt, _time.GetTimestamp(), probed) == probed)
        {
            try
            {
                await WriteAsync(_ => { }, cancellationToken);
            }
            catch (StorageException)
            {
                // The writer has noted why.
            }
        }

        return Volatile.Read(ref _failure);
    }

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
        await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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

    private async Task RunWriterAsync()
    {
        var batch = new List<WriteJob>(LargestBatch);
        try
        {
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
        catch (Exception exception)
        {
            // Nobody may wait for a writer that is no more.
            var failure = new StorageException(
                $"cannot write to the database \"{_path}\": the writer failed; restart Drover", exception);
            Volatile.Write(ref _failure, failure);
            _queue.Writer.TryComplete();
            batch.ForEach(job => job.Fail(failure));
            while (_queue.Reader.TryRead(out var job))
            {
                job.Fail(failure);
            }

            LogWriterDied(_logger, exception, _path);
            throw failure;
        }
    }

    private void WriteBatch(List<WriteJob> batch)
    {
        try
        {
            _writer.Execute("BEGIN IMMEDIATE");
            if (_failure is not null)
            {
                // A transaction that changes nothing commits on a full disk; this one shows that the disk takes writes.
                _writer.Execute("PRAGMA user_version = 0");
            }

            foreach (var job in batch)
            {
                Run(job);
            }

            _writer.Execute("COMMIT");
            Commits++;
            Volatile.Write(ref _failure, null);
        }
        catch (Exception exception)
        {
            var failure =
                exception is SqliteException sqlite ? StorageException.From(sqlite, "write to", _path) : exception;
            NoteFailure(failure);
            RollBack();
            _writer.TakeAfterCommit(0);
            batch.ForEach(job => job.Fail(failure));
            return;
        }

        foreach (var hook in _writer.TakeAfterCommit(0))
        {
            RunHook(hook);
        }

        batch.ForEach(job => job.Acknowledge());
    }

    private void NoteFailure(Exception failure)
    {
        Interlocked.Exchange(ref _probedAt, _time.GetTimestamp());
        Volatile.Write(
            ref _failure,
            failure as StorageException
                ?? new StorageException($"cannot write to the database \"{_path}\": {failure.Message}", failure));
    }

    /// <summary>What is on the disk stays true whatever those who are told make of it.</summary>
    private void RunHook(Action hook)
    {
        try
        {
            hook();
        }
        catch (Exception exception)
        {
            LogHookFailed(_logger, exception);
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

    [LoggerMessage(3201, LogLevel.Error, "A change is stored and telling of it failed")]
    private static partial void LogHookFailed(ILogger logger, Exception exception);

    [LoggerMessage(3202, LogLevel.Critical, "The writer of the database {Path} failed; nothing is stored any more")]
    private static partial void LogWriterDied(ILogger logger, Exception exception, string path);
}
