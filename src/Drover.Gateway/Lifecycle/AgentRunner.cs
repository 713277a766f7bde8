using System.Threading.Channels;
using Drover.Core.Agents;
using Drover.Gateway.Activity;
using Drover.Gateway.Agents;
using Drover.Gateway.Capacity;
using Drover.Gateway.Documents;
using Drover.Gateway.Forwarding;
using Microsoft.Extensions.Logging;

namespace Drover.Gateway.Lifecycle;

/// <summary>
/// Leads the life of one agent: one queue, one reader that asks <see cref="AgentMachine"/> and carries out what it
/// decides. Owns the agent's view, its backend, its timer and its subscription to the service. What it is told and what
/// its effects come to only ever go into the queue; what can be said many times stands in it once.
/// </summary>
internal sealed partial class AgentRunner : IAgentLife, IDisposable
{
    // Each kind of input stands in the queue once or waits for its like; only orders to sleep can add up.
    private const int QueueLength = 256;

    private readonly AgentSeat _seat;
    private readonly AgentPlatform _platform;
    private readonly TimeProvider _time;
    private readonly ILogger<AgentRunner> _logger;
    private readonly long _startedAt;
    private readonly CancellationTokenSource _ending = new();
    private readonly Lock _leading = new();
    private readonly Channel<Item> _queue = Channel.CreateBounded<Item>(
        new BoundedChannelOptions(QueueLength) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly TaskCompletionSource _reconciled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<TaskCompletionSource<SleepOutcome>> _sleepers = [];
    private readonly ITimer _timer;
    private readonly IDisposable _subscription;
    private readonly AgentDisplay _display;
    private volatile Agent _agent;
    private IDisposable? _hurry;
    private ServiceObservation? _lastSeen;
    private AgentDocument? _newDocument;
    private int _isTickQueued;
    private int _isWakeQueued;
    private int _isOperatorWakeQueued;
    private int _isSuspicionQueued;

    public AgentRunner(AgentSeat seat, AgentPlatform platform, TimeProvider time, ILogger<AgentRunner> logger)
    {
        _seat = seat;
        _platform = platform;
        _time = time;
        _logger = logger;
        _startedAt = time.GetTimestamp();
        _agent = new Agent(SpecOf(seat.Document), AgentRuntime.Initial);
        _display = new AgentDisplay(seat, time);
        _display.Show(_agent.Runtime, Now, seat.Document);
        _timer = time.CreateTimer(
            static state => ((AgentRunner)state!).QueueTick(),
            this,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
        Completion = Task.Run(RunAsync);
        _subscription = platform.Watch.Subscribe(ServiceOf(seat.Document), QueueSeen);
    }

    /// <summary>Completes when it has first been heard what is so.</summary>
    public Task Reconciled => _reconciled.Task;

    /// <summary>Completes when it leads no life any more.</summary>
    public Task Completion { get; }

    /// <inheritdoc/>
    public AgentFootprint Footprint
    {
        get
        {
            var runtime = _agent.Runtime;
            return new AgentFootprint(
                runtime.IsAwake,
                runtime.IsAwake || runtime.IsDozing,
                runtime.Phase is AgentPhase.Serving or AgentPhase.Lost or AgentPhase.Dozing,
                runtime.Seen?.MemoryLimit);
        }
    }

    private TimeSpan Now => _time.GetElapsedTime(_startedAt);

    /// <inheritdoc/>
    public void Wake(WakeCause cause)
    {
        ref var isQueued = ref cause is WakeCause.Operator ? ref _isOperatorWakeQueued : ref _isWakeQueued;
        if (Interlocked.Exchange(ref isQueued, 1) == 0)
        {
            Queue(new AgentInput.WakeWanted(default, cause));
        }
    }

    /// <inheritdoc/>
    public void ConnectFailed(Backend backend)
    {
        if (_seat.View.Backend == backend && Interlocked.Exchange(ref _isSuspicionQueued, 1) == 0)
        {
            Queue(new AgentInput.Suspected(default, _display.Generation));
        }
    }

    /// <inheritdoc/>
    public async Task<SleepOutcome> SleepAsync(SleepCause cause, CancellationToken cancellationToken)
    {
        var answer = new TaskCompletionSource<SleepOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_queue.Writer.TryWrite(new Item(new AgentInput.SleepWanted(default, cause), answer)))
        {
            return new SleepOutcome.Refused(
                _ending.IsCancellationRequested ? "it is led no more" : "too many ask for it at once");
        }

        return await answer.Task.WaitAsync(cancellationToken);
    }

    /// <summary>The user's file changed; what it says counts at once.</summary>
    public void Respecify(AgentDocument document)
    {
        if (Interlocked.Exchange(ref _newDocument, document) is null)
        {
            Queue(new AgentInput.Respecified(default, SpecOf(document)));
        }
    }

    /// <summary>Leads the life no more. What runs goes on running.</summary>
    public void Dispose()
    {
        lock (_leading)
        {
            // From here on nothing is shown any more: the seat may be somebody else's.
            _ending.Cancel();
        }

        _subscription.Dispose();
        _timer.Dispose();
        _queue.Writer.TryComplete();
    }

    /// <summary>What the user's file says, as decisions need it.</summary>
    internal static AgentSpec SpecOf(AgentDocument document) => new()
    {
        Policy = document.Policy,
        StartupTimeout = document.StartupTimeout,
        ProbePeriod = document.Health.Period,
        FailureThreshold = document.Health.FailureThreshold,
        IdleTimeout = document.Idle.Timeout,
        DozeAfter = document.DozeAfter,
        DrainTimeout = document.Idle.DrainTimeout,
        OpenWebSocketsCount = document.Idle.OpenWebSocketsCount,
    };

    private static string ServiceOf(AgentDocument document) => ((AgentTarget.Service)document.Target).Name;

    private async Task RunAsync()
    {
        try
        {
            await foreach (var item in _queue.Reader.ReadAllAsync(CancellationToken.None))
            {
                if (item.Sleeper is { } sleeper)
                {
                    _sleepers.Add(sleeper);
                }

                lock (_leading)
                {
                    if (!_ending.IsCancellationRequested)
                    {
                        Feed(Refreshed(item.Input));
                    }
                }
            }
        }
        catch (Exception error)
        {
            Defect(_seat.Name, error);
        }
        finally
        {
            _hurry?.Dispose();
            AnswerSleepers("it is led no more");
            _display.Dispose();
            _reconciled.TrySetResult();
        }
    }

    /// <summary>What stood in the queue once for many, as it is now.</summary>
    private AgentInput Refreshed(AgentInput input)
    {
        switch (input)
        {
            case AgentInput.Ticked:
                Volatile.Write(ref _isTickQueued, 0);
                return input;
            case AgentInput.WakeWanted { Cause: WakeCause.Operator }:
                Volatile.Write(ref _isOperatorWakeQueued, 0);
                return input;
            case AgentInput.WakeWanted:
                Volatile.Write(ref _isWakeQueued, 0);
                return input;
            case AgentInput.Suspected:
                Volatile.Write(ref _isSuspicionQueued, 0);
                return input;
            case AgentInput.Seen:
                return new AgentInput.Seen(default, Interlocked.Exchange(ref _lastSeen, null)!);
            case AgentInput.Respecified:
                return new AgentInput.Respecified(
                    default, SpecOf(Interlocked.Exchange(ref _newDocument, null)!));
            default:
                return input;
        }
    }

    private void Feed(AgentInput input)
    {
        var now = Now;
        var activity = _seat.Activity;
        var transition = AgentMachine.Decide(_agent, input with
        {
            Now = now,
            Usage = new AgentUsage(
                activity.Open + activity.Waiting, activity.OpenOf(WorkKind.WebSocket), activity.SinceLast),
        });
        _agent = transition.Next;

        // Who reads a view that leads to the agent must find the fence gone; who hears of anything else, the view new.
        if (transition.Effects.Any(effect => effect is AgentEffect.LiftFence))
        {
            activity.LiftFence();
        }

        _display.Show(_agent.Runtime, now, _seat.Document);
        foreach (var effect in transition.Effects)
        {
            CarryOut(effect);
        }

        Hurry(_agent.IsUrgent);
        SetTimer(now);
        if (input is AgentInput.WakeWanted)
        {
            _seat.BeLookedAt();
        }

        if (_agent.Runtime.Phase is not AgentPhase.Unseen)
        {
            _reconciled.TrySetResult();
        }
    }

    private void Hurry(bool isUrgent)
    {
        if (isUrgent != _hurry is not null)
        {
            _hurry?.Dispose();
            _hurry = isUrgent ? _platform.Watch.Hurry(ServiceOf(_seat.Document)) : null;
        }
    }

    private void SetTimer(TimeSpan now)
    {
        var due = _agent.NextAt is { } at ? at - now : Timeout.InfiniteTimeSpan;
        var isOverdue = due < TimeSpan.Zero && due != Timeout.InfiniteTimeSpan;
        _timer.Change(isOverdue ? TimeSpan.Zero : due, Timeout.InfiniteTimeSpan);
    }

    private void QueueTick()
    {
        if (Interlocked.Exchange(ref _isTickQueued, 1) == 0)
        {
            Queue(new AgentInput.Ticked(default));
        }
    }

    private void QueueSeen(ServiceObservation service)
    {
        if (Interlocked.Exchange(ref _lastSeen, service) is null)
        {
            Queue(new AgentInput.Seen(default, service));
        }
    }

    /// <summary>Never waits; there is room for one of each kind, and after the end nobody reads.</summary>
    private void Queue(AgentInput input)
    {
        if (!_queue.Writer.TryWrite(new Item(input, null)) && !_ending.IsCancellationRequested)
        {
            Overflow(_seat.Name);
        }
    }

    private void AnswerSleepers(string? refusal)
    {
        SleepOutcome outcome = refusal is null ? new SleepOutcome.Asleep() : new SleepOutcome.Refused(refusal);
        _sleepers.ForEach(sleeper => sleeper.TrySetResult(outcome));
        _sleepers.Clear();
    }

    private sealed record Item(AgentInput Input, TaskCompletionSource<SleepOutcome>? Sleeper);

    [LoggerMessage(5100, LogLevel.Critical, "The life of {Agent} ended because of a defect; it is led no more")]
    private partial void Defect(string agent, Exception error);

    [LoggerMessage(5101, LogLevel.Error, "The queue of {Agent} is full; what came was dropped")]
    private partial void Overflow(string agent);

    [LoggerMessage(5102, LogLevel.Warning, "An order for {Agent} failed in a way nobody expected")]
    private partial void OrderBroke(string agent, Exception error);
}
