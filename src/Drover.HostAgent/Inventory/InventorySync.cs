using Drover.HostAgent.Transport;
using Drover.Runtime.Events;
using Drover.Runtime.Scheduling;
using Drover.Runtime.Uplink.Transport;
using Drover.Wire.Inventory;
using Microsoft.Extensions.Logging;

namespace Drover.HostAgent.Inventory;

/// <summary>
/// Brings the server's picture of this host to ours: everything once, then changes. While the server is away it keeps
/// the newest picture, not a queue of changes, and sends the difference when it is back. Owns the sending loop;
/// pictures come from <see cref="InventoryRunner"/>.
/// </summary>
internal sealed partial class InventorySync : IDisposable
{
    /// <summary>This many fulls in a row that the server answers with "again" make a disagreement to be slow
    /// about.</summary>
    private const int PatientResyncs = 2;

    private readonly Lock _gate = new();
    private readonly long _run;
    private readonly ServerClient _server;
    private readonly ILogger<InventorySync> _logger;
    private readonly TimeProvider _time;
    private readonly RetryPacer _pacer;
    private readonly Signal _work;
    private readonly Pulse _answered = new();
    private InventoryPicture? _now;
    private InventoryPicture? _held;
    private HostFactsDto? _facts;
    private HostFactsDto? _factsHeld;
    private long _seq;
    private long _version;
    private bool _isAway;

    /// <param name="run">Number of this run.</param>
    /// <param name="server">Who is told.</param>
    /// <param name="time">Paces retries.</param>
    /// <param name="random">Their jitter.</param>
    /// <param name="logger">For the person at the terminal.</param>
    internal InventorySync(
        long run, ServerClient server, TimeProvider time, Random random, ILogger<InventorySync> logger)
    {
        _run = run;
        _server = server;
        _time = time;
        _logger = logger;
        _pacer = new RetryPacer(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60), random);
        _work = new Signal(time);
    }

    /// <summary>Hash of what the server is known to hold; null before it has anything.</summary>
    internal string? HashAtServer
    {
        get
        {
            lock (_gate)
            {
                return _held?.Hash;
            }
        }
    }

    /// <summary>True while the newest message did not get through.</summary>
    internal bool IsAway
    {
        get
        {
            lock (_gate)
            {
                return _isAway;
            }
        }
    }

    /// <summary>Changes whenever a message sets out or is answered.</summary>
    internal long Version => Interlocked.Read(ref _version);

    /// <summary>This is what there is now.</summary>
    internal void Show(InventoryPicture picture)
    {
        lock (_gate)
        {
            _now = picture;
        }

        _work.Set();
    }

    /// <summary>This is what the machine is now.</summary>
    internal void Show(HostFactsDto facts)
    {
        lock (_gate)
        {
            _facts = facts;
        }

        _work.Set();
    }

    /// <summary>The server does not hold what we thought.</summary>
    internal void RequestFull(string why)
    {
        LogResync(why);
        lock (_gate)
        {
            _held = null;
        }

        _work.Set();
    }

    /// <summary>Ends when the server holds what there is now, or cannot be had.</summary>
    internal async Task SettleAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var next = _answered.Next;
            lock (_gate)
            {
                if (_isAway || _now is null || _held?.Hash == _now.Hash)
                {
                    return;
                }
            }

            await next.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Sends until cancelled.</summary>
    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        var resyncs = 0;
        while (true)
        {
            await _work.WaitAsync(cancellationToken);
            while (Next() is var (request, picture, facts))
            {
                var outcome = await SendAsync(request, picture, facts, cancellationToken);
                resyncs = outcome is Outcome.Resync ? resyncs + 1 : 0;
                if (outcome is Outcome.Accepted)
                {
                    _pacer.Reset();
                }
                else if (outcome is Outcome.Failed || resyncs > PatientResyncs)
                {
                    await Task.Delay(_pacer.Next(), _time, cancellationToken);
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _work.Dispose();

    private (InventoryRequest Request, InventoryPicture Picture, HostFactsDto? Facts)? Next()
    {
        lock (_gate)
        {
            if (_now is null)
            {
                return null;
            }

            // Records with lists compare by reference; a new instance is only shown when something changed.
            var facts = _held is null || !ReferenceEquals(_facts, _factsHeld) ? _facts : null;
            return InventoryDelta.Between(_run, _seq + 1, _held, _now, facts) is { } request
                ? (request, _now, facts)
                : null;
        }
    }

    private async Task<Outcome> SendAsync(
        InventoryRequest request, InventoryPicture picture, HostFactsDto? facts, CancellationToken cancellationToken)
    {
        _seq = request.Seq;
        Interlocked.Increment(ref _version);
        try
        {
            var answer = await _server.SyncAsync(request, cancellationToken);
            if (answer.Resync)
            {
                RequestFull("the server holds another inventory than the agent thought");
                return Outcome.Resync;
            }

            lock (_gate)
            {
                _held = picture;
                _factsHeld = facts ?? _factsHeld;
                _isAway = false;
            }

            LogSent(request.Full, request.Upsert.Count, request.Remove.Count);
            return Outcome.Accepted;
        }
        catch (ServerCallException error)
        {
            // Whether it arrived is not known: if it did, the next change has a base the server no longer holds and it
            // asks for everything.
            LogFailed(error.Message);
            lock (_gate)
            {
                _isAway = true;
            }

            return Outcome.Failed;
        }
        finally
        {
            Interlocked.Increment(ref _version);
            _answered.Beat();
        }
    }

    private enum Outcome
    {
        Accepted,
        Resync,
        Failed,
    }

    [LoggerMessage(2020, LogLevel.Debug, "inventory sent: full {Full}, {Upserted} new or changed, {Removed} gone")]
    private partial void LogSent(bool full, int upserted, int removed);

    [LoggerMessage(2021, LogLevel.Information, "the whole inventory goes out again: {Why}")]
    private partial void LogResync(string why);

    [LoggerMessage(2022, LogLevel.Warning, "{Reason}; the newest inventory will be sent later")]
    private partial void LogFailed(string reason);
}
