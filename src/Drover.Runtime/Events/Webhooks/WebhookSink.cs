using Drover.Wire.People;
using Microsoft.Extensions.Logging;

namespace Drover.Runtime.Events.Webhooks;

/// <summary>
/// One receiver: keeps on disk what it has still to be told and brings it there, however long it is away. Shares
/// nothing with others but the disk, so that one that hangs delays nobody. Owns its directory and its loops.
/// </summary>
internal sealed partial class WebhookSink : IAsyncDisposable
{
    private static readonly TimeSpan DiskPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ReceiverPatience = TimeSpan.FromSeconds(2);

    private readonly WebhookQueue _queue;
    private readonly DeadLetters _dead;
    private readonly WebhookDelivery _delivery;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _loop;
    private WebhookSpec _spec;

    internal WebhookSink(
        WebhookSpec spec, string directory, EventMetrics metrics, TimeProvider time, Random random, ILogger logger)
    {
        (_spec, _time, _logger) = (spec, time, logger);
        var own = Path.Combine(directory, spec.Name);
        _dead = new DeadLetters(Path.Combine(own, "dead"));
        _queue = new WebhookQueue(
            spec.Name, Path.Combine(own, "queue"), spec.QueueBytes, () => _delivery?.Wake(), time, logger);
        _delivery = new WebhookDelivery(() => Spec, _queue.Spool, _dead, metrics, time, random, logger);
        _loop = Task.Run(RunAsync, CancellationToken.None);
    }

    /// <summary>What the user says of it; another takes effect with the next attempt, which is made at once.</summary>
    internal WebhookSpec Spec
    {
        get => Volatile.Read(ref _spec);
        set
        {
            Volatile.Write(ref _spec, value);
            _delivery.RetryNow();
        }
    }

    /// <summary>How it stands.</summary>
    internal WebhookStatus Status => new(
        Spec.Name, _queue.Spool.Count, _delivery.Delivered, _delivery.Failure, _dead.Count, _dead.Dropped);

    /// <summary>Takes an event that the receiver wants. Never waits.</summary>
    /// <param name="one">The event.</param>
    /// <param name="settled">See <see cref="WebhookQueue.Take"/>.</param>
    internal void Take(EventDto one, Action? settled) => _queue.Take(one, settled);

    /// <summary>The oldest dead letters.</summary>
    internal IReadOnlyList<DeadLetter> ReadDeadLetters(int limit) => _dead.Read(limit);

    /// <summary>Sends all dead letters again, behind what waits.</summary>
    /// <returns>How many.</returns>
    internal int Resend()
    {
        var moved = _dead.MoveTo(_queue.Spool);
        _delivery.RetryNow();
        return moved;
    }

    /// <summary>Puts on disk what was taken, and gives a receiver that answers a moment to take it.</summary>
    public async ValueTask DisposeAsync()
    {
        using (var patience = new CancellationTokenSource(DiskPatience, _time))
        {
            await _queue.CompleteAsync(patience.Token);
        }

        using (var patience = new CancellationTokenSource(ReceiverPatience, _time))
        {
            await _delivery.SettleAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await _ending.CancelAsync();
        await _loop;
        await _queue.DisposeAsync();
        _delivery.Dispose();
        _dead.Dispose();
        _ending.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            await _delivery.RunAsync(_ending.Token);
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested)
        {
            // The ordinary end.
        }
        catch (Exception error)
        {
            LogDefect(error, Spec.Name);
        }
    }

    [LoggerMessage(
        3630, LogLevel.Critical,
        "telling the webhook \"{Webhook}\" ended by a defect; events for it are kept on disk")]
    private partial void LogDefect(Exception error, string webhook);
}

/// <summary>How a receiver stands.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Waiting">Events it has still to be told.</param>
/// <param name="Delivered">Events it took since the start.</param>
/// <param name="Failure">Why it does not have what it should, for people; null while all is well.</param>
/// <param name="DeadLetters">Events it did not take, which wait to be sent again.</param>
/// <param name="DeadLettersDropped">Those that went because there was no room for more.</param>
public sealed record WebhookStatus(
    string Name, long Waiting, long Delivered, string? Failure, long DeadLetters, long DeadLettersDropped);
