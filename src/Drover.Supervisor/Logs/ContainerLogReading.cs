using System.Threading.Channels;
using Drover.Runtime.Docker;
using Drover.Runtime.Docker.Logs;

namespace Drover.Supervisor.Logs;

/// <summary>
/// Reads a container's log from the engine, and follows it over its restarts, over a new container of the same name
/// and over an engine that is away for a while. Owns a task that reads ahead, at most 256 lines; not thread-safe.
/// </summary>
internal sealed class ContainerLogReading(
    string component, string container, DockerClient engine, LogSelection selection, TimeProvider time) : ILogReading
{
    private const int ReadAhead = 256;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly Channel<ComponentLine?> _lines = Channel.CreateBounded<ComponentLine?>(ReadAhead);
    private readonly CancellationTokenSource _ending = new();
    private readonly ContainerLogPlace _place = new();
    private Task? _pump;
    private bool _isCaughtUp;
    private DateTimeOffset _last;
    private string? _complaint;

    /// <inheritdoc/>
    public async ValueTask<ComponentLine?> TryReadAsync(CancellationToken cancellationToken)
    {
        _pump ??= Task.Run(PumpAsync, CancellationToken.None);
        if (_isCaughtUp)
        {
            return _lines.Reader.TryRead(out var next) ? next : null;
        }

        // Null ends what was there; so does a pump that ended.
        var line = await _lines.Reader.WaitToReadAsync(cancellationToken) && _lines.Reader.TryRead(out var there)
            ? there
            : null;
        _isCaughtUp = line is null;
        return line;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        if (_pump is not null)
        {
            await _pump;
        }

        _ending.Dispose();
    }

    private async Task PumpAsync()
    {
        try
        {
            await TryOnceAsync(follow: false);
            await _lines.Writer.WriteAsync(null, _ending.Token);
            while (selection.Follow)
            {
                await TryOnceAsync(follow: true);
                await Task.Delay(Pause, time, _ending.Token);
            }
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested)
        {
            // Nobody reads any more.
        }
        finally
        {
            _lines.Writer.Complete();
        }
    }

    private async Task TryOnceAsync(bool follow)
    {
        try
        {
            var facts = await engine.Containers.InspectAsync(container, _ending.Token);
            if (!follow || _place.IsNew(facts.Id, facts.State.StartedAt, facts.State.Running))
            {
                await ReadAsync(facts.Id, facts.Config.Tty, follow);
            }

            // A run that ended while it was followed has been read to its end.
            _place.Finish(facts.Id, facts.State.StartedAt, isRead: follow || !facts.State.Running);
            _complaint = null;
        }
        catch (DockerException failure)
        {
            if (failure.Message != _complaint)
            {
                _complaint = failure.Message;
                await WriteAsync(failure.Message, null, isPart: false, isRemark: true);
            }
        }
    }

    private async Task ReadAsync(string id, bool tty, bool follow)
    {
        var resumed = _place.Begin(id);
        var since = resumed ?? (_place.IsFirst && selection.Since is { } moment ? EngineTimestamp.From(moment) : null);
        var query = new LogQuery
        {
            Since = since,
            Tail = resumed is null && _place.IsFirst ? selection.Tail : null,
            Follow = follow,
        };
        await foreach (var line in engine.Containers.LogsAsync(id, query, tty, _ending.Token))
        {
            if (_place.Advance(line.Timestamp ?? default))
            {
                await WriteAsync(line.Text.TrimEnd('\r'), line.Timestamp, line.IsCut, isRemark: false);
            }
        }
    }

    private ValueTask WriteAsync(string text, EngineTimestamp? at, bool isPart, bool isRemark)
    {
        var moment = at?.ToDateTimeOffset() ?? time.GetUtcNow();
        _last = moment > _last || at is null ? moment : _last;
        return _lines.Writer.WriteAsync(new ComponentLine(component, _last, text, isPart, isRemark), _ending.Token);
    }
}

/// <summary>How far a container's log has been given, over connections, runs and containers. Not thread-safe.</summary>
internal sealed class ContainerLogPlace
{
    private string? _id;
    private EngineTimestamp? _at;
    private int _given;
    private EngineTimestamp? _from;
    private int _toSkip;
    private (string Id, EngineTimestamp? StartedAt)? _read;

    /// <summary>True until a second container of the name is met.</summary>
    public bool IsFirst { get; private set; } = true;

    /// <summary>False for a run that was read to its end and does not run again.</summary>
    public bool IsNew(string id, EngineTimestamp? startedAt, bool isRunning) => isRunning || _read != (id, startedAt);

    /// <summary>A reading begins.</summary>
    /// <returns>Where it has to begin; null for the beginning of the log.</returns>
    public EngineTimestamp? Begin(string id)
    {
        if (_id is not null && _id != id)
        {
            IsFirst = false;
            (_at, _given) = (null, 0);
        }

        _id = id;
        (_from, _toSkip) = (_at, _given);
        return _at;
    }

    /// <summary>Takes the next line of the reading.</summary>
    /// <returns>True when it is new.</returns>
    public bool Advance(EngineTimestamp at)
    {
        if (_from is { } from && (at < from || (at == from && _toSkip-- > 0)))
        {
            return false;
        }

        (_at, _given) = _at is null || at > _at ? (at, 1) : at == _at ? (_at, _given + 1) : (_at, _given);
        return true;
    }

    /// <summary>A reading ended.</summary>
    public void Finish(string id, EngineTimestamp? startedAt, bool isRead) =>
        _read = isRead ? (id, startedAt) : _read;
}
