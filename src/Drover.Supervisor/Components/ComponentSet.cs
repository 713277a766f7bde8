using Drover.Core.Components;
using Drover.Runtime.Events;
using Drover.Supervisor.Documents;

namespace Drover.Supervisor.Components;

/// <summary>
/// All components of a supervisor: started in the order of their needs, stopped the other way round, each by its own
/// runner. Owns one loop, which lets those start whose needs are met; no trouble of one component reaches another
/// through it.
/// </summary>
internal sealed partial class ComponentSet : IAsyncDisposable
{
    private readonly Func<ComponentDocument, ComponentSeat> _seatOf;
    private readonly TaskScheduler _scheduler;
    private readonly Pulse _pulse = new();
    private readonly Pulse _work = new();
    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _orders = new(1, 1);
    private volatile State _state;
    private Task _loop = Task.CompletedTask;
    private readonly Lock _gate = new();
    private volatile bool _holdsStarts;
    private TaskCompletionSource? _question;
    private volatile bool _isClosed;
    private volatile bool _isEnding;

    /// <param name="document">What the user's file says.</param>
    /// <param name="seatOf">Makes the runner of a component, not started.</param>
    /// <param name="scheduler">What the loop runs on.</param>
    internal ComponentSet(
        SupervisorDocument document, Func<ComponentDocument, ComponentSeat> seatOf, TaskScheduler scheduler)
    {
        _seatOf = seatOf;
        _scheduler = scheduler;
        _state = new State(document, [.. document.Components.Select(Seat)]);
    }

    /// <summary>In the order of the user's file.</summary>
    internal IReadOnlyList<ComponentSeat> Seats => _state.Seats;

    /// <summary>What the user's file says, as far as it was taken up.</summary>
    internal SupervisorDocument Document => _state.Document;

    /// <summary>Completes at the next change of any component; take it before looking.</summary>
    internal Task NextChange => _pulse.Next;

    /// <summary>Fails when a runner has a defect; never completes otherwise.</summary>
    internal Task Completion => _failed.Task;

    /// <summary>The component of that name; null where there is none.</summary>
    internal ComponentSeat? Find(string name) => _state.Find(name);

    /// <summary>What the start of a component waits for; empty when it does not wait.</summary>
    internal IReadOnlyList<string> WaitsFor(ComponentSeat seat)
    {
        var state = _state;
        return seat.View.AwaitsStart
            ? StartConditions.Unmet(seat.Document.DependsOn, name => state.Find(name)?.View)
            : [];
    }

    /// <summary>
    /// Takes up what the supervisor before this one left, all components at once, and has those start that should.
    /// </summary>
    /// <param name="isContinuation">
    /// True after a crash on the same boot: what rested goes on resting, only what was still to be started is.
    /// </param>
    /// <param name="cancellationToken">Gives up.</param>
    internal async Task StartAsync(bool isContinuation, CancellationToken cancellationToken)
    {
        await Task.WhenAll(Seats.Select(seat => StartRunnerAsync(seat, isContinuation, cancellationToken)));
        _loop = _scheduler.Start(ReleaseAsync);
    }

    /// <summary>Every runner and the loop have answered: none is stuck.</summary>
    internal Task PingAsync(CancellationToken cancellationToken)
    {
        var question = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var asked = Interlocked.CompareExchange(ref _question, question, null) ?? question;
        _work.Beat();
        return Task.WhenAll(
            Seats.Select(seat => seat.Runner.PingAsync(cancellationToken))
                .Append(asked.Task.WaitAsync(cancellationToken)));
    }

    /// <summary>Ends the runners. Instances stay as they are.</summary>
    public async ValueTask DisposeAsync()
    {
        _isEnding = true;
        _work.Beat();
        await _loop;
        await Task.WhenAll(Seats.Select(seat => seat.Runner.DisposeAsync().AsTask()));
        _orders.Dispose();
    }

    private ComponentSeat Seat(ComponentDocument document)
    {
        var seat = _seatOf(document);
        ComponentRuntime? known = null;
        var wasAwaiting = false;
        seat.Runner.Changed = runner =>
        {
            _pulse.Beat();

            // A probe that found what it always finds lets nobody start; it need not wake the loop for that.
            var view = runner.View;
            if (!ReferenceEquals(view.Runtime, known) || view.AwaitsStart != wasAwaiting)
            {
                (known, wasAwaiting) = (view.Runtime, view.AwaitsStart);
                _work.Beat();
            }
        };
        return seat;
    }

    private async Task StartRunnerAsync(
        ComponentSeat seat, bool isContinuation, CancellationToken cancellationToken)
    {
        var isKnown = seat.Runner.HasHistory;
        await seat.Runner.StartAsync(cancellationToken);
        _ = seat.Runner.Completion.ContinueWith(
            ended => _failed.TrySetException(ended.Exception!.InnerExceptions),
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted,
            TaskScheduler.Default);
        if (!isContinuation || !isKnown)
        {
            // Read before anybody looks: what has completed in an earlier life has not in this one.
            await PostAsync([seat], RunnerMessage.AwaitStart.Instance, cancellationToken);
        }
    }

    private async Task ReleaseAsync()
    {
        // Which instance of a need its dependents were started beside; another one restarts those who asked for it.
        var beside = new Dictionary<(string Dependent, string Need), long>();
        try
        {
            while (!_isEnding)
            {
                var next = _work.Next;
                Interlocked.Exchange(ref _question, null)?.TrySetResult();
                lock (_gate)
                {
                    // Whatever is released before the end of everything is read before it.
                    if (!_holdsStarts && !_isClosed)
                    {
                        Release(_state, beside);
                    }
                }

                await next;
            }
        }
        catch (Exception defect)
        {
            _failed.TrySetException(defect);
        }
    }

    private static void Release(State state, Dictionary<(string Dependent, string Need), long> beside)
    {
        foreach (var seat in state.Seats)
        {
            if (seat.View.AwaitsStart
                && StartConditions.Unmet(seat.Document.DependsOn, name => state.Find(name)?.View).Count == 0)
            {
                seat.Runner.Post(RunnerMessage.Release.Instance);
            }
            else
            {
                RestartWithNeeds(state, seat, beside);
            }
        }
    }

    private static void RestartWithNeeds(
        State state, ComponentSeat seat, Dictionary<(string Dependent, string Need), long> beside)
    {
        foreach (var need in seat.Document.RestartsWith)
        {
            if (state.Find(need)?.View is not { } view
                || !seat.Document.DependsOn.TryGetValue(need, out var condition)
                || !StartConditions.IsMet(view, condition))
            {
                continue;
            }

            var isOther = beside.TryGetValue((seat.Name, need), out var known) && known != view.Runtime.Instance;
            beside[(seat.Name, need)] = view.Runtime.Instance;
            if (isOther && seat.View.Runtime.Phase is InstancePhase.Alive)
            {
                seat.Runner.Post(new Input.Restart(default));
            }
        }
    }

    /// <summary>One document with its seats; replaced whole.</summary>
    private sealed record State(SupervisorDocument Document, IReadOnlyList<ComponentSeat> Seats)
    {
        internal ComponentSeat? Find(string name) => Seats.FirstOrDefault(seat => seat.Name == name);
    }
}
