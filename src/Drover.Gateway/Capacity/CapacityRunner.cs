using System.Threading.Channels;
using Drover.Core.Agents;
using Drover.Gateway.Agents;
using Drover.Gateway.Documents;
using Drover.Gateway.Lifecycle;
using Microsoft.Extensions.Logging;

namespace Drover.Gateway.Capacity;

/// <summary>
/// Lets agents wake, one after the other in the order in which they asked, and puts others to sleep where there is no
/// room. Owns the queue and its one reader; each agent stands in it at most once, for it wakes once at a time.
/// </summary>
internal sealed partial class CapacityRunner : IDisposable
{
    // Work may come in on one that was chosen; then another is. More tries than that are a storm, and refused.
    private const int MostTries = 10;
    private const int QueueLength = 4096;

    // From "there is room" to the first that is seen of the wake.
    private static readonly TimeSpan ReservedFor = TimeSpan.FromSeconds(5);

    private readonly Func<IReadOnlyCollection<AgentSeat>> _agents;
    private readonly TimeProvider _time;
    private readonly ILogger<CapacityRunner> _logger;
    private readonly Dictionary<string, long> _reserved = new(StringComparer.Ordinal);
    private readonly Channel<Asking> _queue = Channel.CreateBounded<Asking>(
        new BoundedChannelOptions(QueueLength) { SingleReader = true });

    private CapacityDocument _limits;
    private int _waiting;

    /// <param name="limits">How much may be awake at once.</param>
    /// <param name="agents">All agents there are.</param>
    /// <param name="time">The clock of reservations.</param>
    /// <param name="logger">Where people read of it.</param>
    public CapacityRunner(
        CapacityDocument limits,
        Func<IReadOnlyCollection<AgentSeat>> agents,
        TimeProvider time,
        ILogger<CapacityRunner> logger)
    {
        _limits = limits;
        _agents = agents;
        _time = time;
        _logger = logger;
        _ = Task.Run(RunAsync);
    }

    /// <summary>How much may be awake at once; what a reload says counts for the next wake.</summary>
    public CapacityDocument Limits
    {
        get => Volatile.Read(ref _limits);
        set => Volatile.Write(ref _limits, value);
    }

    /// <summary>How many wakes wait for room.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Makes room for an agent that is about to wake.</summary>
    /// <returns>Null: there is room; else why there is none, for people.</returns>
    public async ValueTask<string?> AdmitAsync(AgentSeat seat, CancellationToken cancellationToken)
    {
        if (Limits is { MaxReady: null, Memory: null })
        {
            return null;
        }

        var asking = new Asking(seat, cancellationToken);
        Interlocked.Increment(ref _waiting);
        try
        {
            return _queue.Writer.TryWrite(asking)
                ? await asking.Answer.Task.WaitAsync(cancellationToken)
                : "too many agents wake at once";
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _queue.Writer.TryComplete();

    private async Task RunAsync()
    {
        await foreach (var asking in _queue.Reader.ReadAllAsync())
        {
            if (asking.CancellationToken.IsCancellationRequested)
            {
                continue;
            }

            try
            {
                asking.Answer.TrySetResult(await MakeRoomAsync(asking.Seat, asking.CancellationToken));
            }
            catch (OperationCanceledException)
            {
                asking.Answer.TrySetCanceled(asking.CancellationToken);
            }
            catch (Exception error)
            {
                Defect(asking.Seat.Name, error);
                asking.Answer.TrySetResult("whether there is room cannot be told because of a defect");
            }
        }
    }

    private async Task<string?> MakeRoomAsync(AgentSeat newcomer, CancellationToken cancellationToken)
    {
        for (var tries = 0; tries < MostTries; tries++)
        {
            var seats = _agents();
            var others = seats
                .Where(seat => seat != newcomer && seat.Document.Policy is AgentPolicy.OnDemand)
                .Select(OccupantOf)
                .ToList();
            switch (CapacityPlan.For(Limits, OccupantOf(newcomer), others))
            {
                case CapacityPlan.Refuse refuse:
                    Refused(newcomer.Name, refuse.Reason);
                    return refuse.Reason;
                case CapacityPlan.Admit { Evicted: [] }:
                    _reserved[newcomer.Name] = _time.GetTimestamp();
                    return null;
                case CapacityPlan.Admit admit:
                    var chosen = seats.Where(seat => admit.Evicted.Contains(seat.Name));
                    await EvictAsync(newcomer, [.. chosen], cancellationToken);
                    break;
            }
        }

        return "all that are awake come into use again as soon as they are to make room";
    }

    private async Task EvictAsync(AgentSeat newcomer, AgentSeat[] seats, CancellationToken cancellationToken)
    {
        foreach (var seat in seats)
        {
            Evicting(seat.Name, newcomer.Name);
        }

        await Task.WhenAll(seats
            .Select(seat => seat.Life)
            .OfType<IAgentLife>()
            .Select(life => life.SleepAsync(SleepCause.Capacity, cancellationToken)));
    }

    private Occupant OccupantOf(AgentSeat seat)
    {
        var footprint = seat.Life?.Footprint ?? default;
        if (footprint.IsAwake)
        {
            _reserved.Remove(seat.Name);
        }
        else if (_reserved.TryGetValue(seat.Name, out var since))
        {
            if (_time.GetElapsedTime(since) < ReservedFor)
            {
                footprint = footprint with { IsAwake = true, HoldsMemory = true, CanSleep = false };
            }
            else
            {
                _reserved.Remove(seat.Name);
            }
        }

        var awakeFor = _time.GetUtcNow() - seat.View.Since;
        var unused = seat.Activity.SinceLast;
        return new Occupant(
            seat.Name,
            footprint,
            seat.Document.Memory ?? footprint.MemoryLimit ?? 0,
            seat.Document.IsPinned,
            seat.Activity.Open,
            awakeFor < unused ? awakeFor : unused);
    }

    private sealed record Asking(AgentSeat Seat, CancellationToken CancellationToken)
    {
        public TaskCompletionSource<string?> Answer { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    [LoggerMessage(5400, LogLevel.Information, "{Agent} is put to sleep to make room for {Newcomer}")]
    private partial void Evicting(string agent, string newcomer);

    [LoggerMessage(5401, LogLevel.Warning, "There is no room for {Agent}: {Reason}")]
    private partial void Refused(string agent, string reason);

    [LoggerMessage(5402, LogLevel.Error, "Whether there is room for {Agent} cannot be told because of a defect")]
    private partial void Defect(string agent, Exception error);
}
