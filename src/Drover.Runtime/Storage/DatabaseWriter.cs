using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Drover.Runtime.Storage;

/// <summary>
/// The one writer of a <see cref="Database"/>: a bounded queue, a loop that commits all that waits in one transaction,
/// and the memory of why the last commit failed. Owns the writing connection and the loop. Each piece of work stands
/// behind a savepoint, so that one that throws leaves the others alone.
/// </summary>
internal sealed partial class DatabaseWriter
{
    private const int QueueLength = 4096;
    private const int LargestBatch = 256;

    private static readonly TimeSpan ProbeEvery = TimeSpan.FromSeconds(5);

    private readonly string _path;
    private readonly DbSession _session;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Channel<WriteJob> _queue =
        Channel.CreateBounded<WriteJob>(new BoundedChannelOptions(QueueLength) { SingleReader = true });

    private StorageException? _failure;
    private long _probedAt;

    public DatabaseWriter(string path, DbSession session, TimeProvider time, ILogger logger)
    {
        _path = path;
        _session = session;
        _time = time;
        _logger = logger;
        Completion = Task.Run(RunAsync);
    }

    /// <summary>Ends in success after disposal, in failure when the writer died of a defect.</summary>
    public Task Completion { get; }

    /// <summary>Commits so far.</summary>
    public long Commits { get; private set; }

    /// <summary>Rows written so far.</summary>
    public long RowsWritten => _session.RowsChanged;

    /// <summary>Queues work; completes when its change is durable.</summary>
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

    /// <summary>Why nothing can be stored now, or null; tries again now and then while it is so.</summary>
    public async Task<StorageException?> CheckAsync(CancellationToken cancellationToken)
    {
        var probed = Interlocked.Read(ref _probedAt);
        if (Volatile.Read(ref _failure) is not null
            && !Completion.IsCompleted
            && _time.GetElapsedTime(probed) >= ProbeEvery
            && Interlocked.CompareExchange(ref _probedAt, _time.GetTimestamp(), probed) == probed)
        {
            try
            {
                await WriteAsync(_ => true, cancellationToken);
            }
            catch (StorageException)
            {
                // The loop has noted why.
            }
        }

        return Volatile.Read(ref _failure);
    }

    /// <summary>Takes nothing more, and ends when what was queued is done.</summary>
    public async Task FinishAsync()
    {
        _queue.Writer.TryComplete();
        await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Closes its connection, the last one of the database, which then takes in its write-ahead log.</summary>
    public void Close() => _session.Close();

    private async Task RunAsync()
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
            _session.Steer("BEGIN IMMEDIATE");
            if (_failure is not null)
            {
                // A transaction that changes nothing commits on a full disk; this one shows that the disk takes writes.
                _session.Steer("PRAGMA user_version = 0");
            }

            foreach (var job in batch)
            {
                Run(job);
            }

            _session.Steer("COMMIT");
            Commits++;
            Volatile.Write(ref _failure, null);
        }
        catch (Exception exception)
        {
            var failure =
                exception is SqliteException sqlite ? StorageException.From(sqlite, "write to", _path) : exception;
            NoteFailure(failure);
            RollBack();
            _session.TakeAfterCommit(0);
            batch.ForEach(job => job.Fail(failure));
            return;
        }

        foreach (var hook in _session.TakeAfterCommit(0))
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
        var hooks = _session.AfterCommitCount;
        _session.Steer("SAVEPOINT job");
        try
        {
            job.Run(_session);
        }
        catch (Exception exception) when (!SpoilsTheBatch(exception))
        {
            _session.Steer("ROLLBACK TO job");
            _session.TakeAfterCommit(hooks);
            job.Fail(
                exception is SqliteException sqlite ? StorageException.From(sqlite, "write to", _path) : exception);
        }

        _session.Steer("RELEASE job");
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
            _session.Steer("ROLLBACK");
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
