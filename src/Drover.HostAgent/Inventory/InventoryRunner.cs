using Drover.Runtime.Docker;
using Drover.Runtime.Events;
using Drover.Runtime.Scheduling;
using Microsoft.Extensions.Logging;

namespace Drover.HostAgent.Inventory;

/// <summary>
/// Keeps the picture of the host's containers: looks again at those that events name, coalesced, and compares the
/// whole list every reconcile interval. An engine that is away leaves the last picture standing. One loop; everybody
/// else only marks work.
/// </summary>
internal sealed partial class InventoryRunner : IDisposable
{
    /// <summary>One restart is six events within 0.2 s (measured); they are one change.</summary>
    private static readonly TimeSpan Coalesce = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private readonly ContainerReader _reader;
    private readonly InventorySync _sync;
    private readonly TimeSpan _reconcileInterval;
    private readonly ILogger<InventoryRunner> _logger;
    private readonly RetryPacer _pacer;
    private readonly Signal _work;
    private readonly Signal _now;
    private readonly Pulse _looked = new();
    private HashSet<string> _changed = new(StringComparer.Ordinal);
    private bool _wantsAll = true;
    private bool _hasGap;
    private string? _failure;
    private long _asked;
    private long _answered;
    private InventoryPicture _picture = InventoryPicture.Empty;

    /// <param name="reader">Reads the engine.</param>
    /// <param name="sync">Takes the pictures.</param>
    /// <param name="reconcileInterval">Between two whole lists.</param>
    /// <param name="time">Paces the loop.</param>
    /// <param name="random">Jitter of retries.</param>
    /// <param name="logger">For the person at the terminal.</param>
    internal InventoryRunner(
        ContainerReader reader, InventorySync sync, TimeSpan reconcileInterval, TimeProvider time, Random random,
        ILogger<InventoryRunner> logger)
    {
        _reader = reader;
        _sync = sync;
        _reconcileInterval = reconcileInterval;
        _logger = logger;
        _pacer = new RetryPacer(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10), random);
        _work = new Signal(time);
        _now = new Signal(time);
    }

    /// <summary>Told with each whole picture that was taken because events may have been missed.</summary>
    internal event Action<InventoryPicture>? GapClosed;

    /// <summary>The newest picture, for the local API.</summary>
    internal InventoryPicture Picture
    {
        get
        {
            lock (_gate)
            {
                return _picture;
            }
        }
    }

    /// <summary>Something happened to this container: look again.</summary>
    internal void MarkChanged(string dockerId)
    {
        lock (_gate)
        {
            _changed.Add(dockerId);
        }

        _work.Set();
    }

    /// <summary>Look at everything.</summary>
    /// <param name="afterGap">Events may have been missed: trust nothing known before.</param>
    internal void MarkAll(bool afterGap)
    {
        lock (_gate)
        {
            _wantsAll = true;
            _hasGap |= afterGap;
        }

        _work.Set();
    }

    /// <summary>
    /// Looks at this container at once, without waiting for more to happen, and ends when the server holds what was
    /// seen. Ends early when the engine or the server cannot be had: then it will be told when they are back.
    /// </summary>
    internal async Task SettleAsync(string dockerId, CancellationToken cancellationToken)
    {
        if (_sync.IsAway)
        {
            return;
        }

        long ticket;
        lock (_gate)
        {
            _changed.Add(dockerId);
            ticket = ++_asked;
        }

        _now.Set();
        _work.Set();
        while (true)
        {
            var next = _looked.Next;
            if (Interlocked.Read(ref _answered) >= ticket)
            {
                break;
            }

            await next.WaitAsync(cancellationToken);
        }

        await _sync.SettleAsync(cancellationToken);
    }

    /// <summary>Looks until cancelled.</summary>
    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await _work.WaitAsync(_reconcileInterval, cancellationToken))
            {
                await _now.WaitAsync(Coalesce, cancellationToken);
            }
            else
            {
                MarkAll(afterGap: false);
            }

            var asked = Asked();
            var looked = await TryLookAsync(cancellationToken);
            Interlocked.Exchange(ref _answered, asked);
            _looked.Beat();
            if (!looked)
            {
                await _work.WaitAsync(_pacer.Next(), cancellationToken);
                _work.Set();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _work.Dispose();
        _now.Dispose();
    }

    private long Asked()
    {
        lock (_gate)
        {
            return _asked;
        }
    }

    private async Task<bool> TryLookAsync(CancellationToken cancellationToken)
    {
        var (changed, wantsAll, hasGap) = Take();
        if (!wantsAll && changed.Count == 0)
        {
            return true;
        }

        try
        {
            var picture = wantsAll
                ? await _reader.ReadAllAsync(
                    new InventoryPicture(_picture.Containers.RemoveRange(changed)),
                    trustLines: !hasGap,
                    cancellationToken)
                : await _reader.ReadAgainAsync(_picture, changed, cancellationToken);
            bool isClosed;
            lock (_gate)
            {
                _picture = picture;

                // A gap that began while this picture was taken is closed by the next one, which shows all of it.
                isClosed = hasGap && !_hasGap;
            }

            _failure = null;
            _sync.Show(picture);
            if (isClosed)
            {
                GapClosed?.Invoke(picture);
            }

            _pacer.Reset();
            return true;
        }
        catch (DockerException error)
        {
            // Told once: an engine may be away for days.
            if (error.Message != _failure)
            {
                _failure = error.Message;
                LogFailed(error.Message);
            }

            // Marked without a wake: a wake here would end the pause that this failure is due.
            lock (_gate)
            {
                _wantsAll = true;
                _hasGap |= hasGap;
                _changed.UnionWith(changed);
            }

            return false;
        }
    }

    private (HashSet<string> Changed, bool WantsAll, bool HasGap) Take()
    {
        lock (_gate)
        {
            var taken = (_changed, _wantsAll, _hasGap);
            (_changed, _wantsAll, _hasGap) = (new(StringComparer.Ordinal), false, false);
            return taken;
        }
    }

    [LoggerMessage(2030, LogLevel.Warning, "{Reason}; the last picture of the containers stands")]
    private partial void LogFailed(string reason);
}
