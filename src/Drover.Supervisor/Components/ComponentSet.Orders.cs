using Drover.Core.Components;
using Drover.Supervisor.Control;

namespace Drover.Supervisor.Components;

/// <summary>What a person, or the supervisor's own start and end, orders.</summary>
internal sealed partial class ComponentSet
{
    /// <summary>Starts one component with all it needs, or all. Returns when each runs, rests or has failed.</summary>
    /// <exception cref="ControlException">The supervisor is stopping.</exception>
    internal async Task StartAsync(string? name, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            RefuseWhenClosed();
            _holdsStarts = false;
        }

        var graph = _state.Document.Graph;
        var seats = SeatsOf(name is null ? graph.StartOrder : [.. graph.AllNeedsOf(name), name]);
        await PostAsync(
            seats.Where(seat => !IsDone(seat, name)), RunnerMessage.AwaitStart.Instance, cancellationToken);
        _work.Beat();
        await Task.WhenAll(seats.Select(seat => seat.Runner.WaitAsync(
            static view => IsSettled(view) || view.IsStuck, cancellationToken)));
    }

    /// <summary>
    /// Stops one component, or all, dependents first. Returns when nothing of them runs, but for what a kill did not
    /// end: that is not waited for (docs/decisions/0093-what-a-kill-does-not-end.md). Cancelled, the order stands.
    /// </summary>
    internal async Task StopAsync(string? name, CancellationToken cancellationToken)
    {
        if (name is not null)
        {
            await StopAsync(SeatsOf([name]), static view => view.IsOver, cancellationToken);
            return;
        }

        // The end of everything does not wait for an engine that may never come back; the next start looks again.
        _holdsStarts = true;
        await StopAsync(Seats, static view => view.IsOver || view.EndsUnseen, cancellationToken);
    }

    /// <summary>
    /// Stops all, and starts none any more: not even for somebody who ordered that before and is only now heard.
    /// </summary>
    internal async Task CloseAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _isClosed = true;
        }

        // A reload on its way comes to its end first: it removes seats and makes others.
        await _orders.WaitAsync(cancellationToken);
        try
        {
            do
            {
                await StopAsync(name: null, cancellationToken);
            }
            while (!Seats.All(seat => IsClosed(seat.View)));
        }
        finally
        {
            _orders.Release();
        }
    }

    /// <summary>Gives one component a new instance, or all of them, stopped in reverse and started in order.</summary>
    internal async Task RestartAsync(string? name, CancellationToken cancellationToken)
    {
        if (name is null)
        {
            await StopAsync(name: null, cancellationToken);
        }

        if (name is null || Find(name) is not { View.Runtime.Phase: not InstancePhase.None } seat)
        {
            // What does not run is started with what it needs, as by an order to start.
            await StartAsync(name, cancellationToken);
            return;
        }

        var before = seat.View.Runtime.Instance;
        lock (_gate)
        {
            // Whatever is ordered before the end of everything is read before it.
            RefuseWhenClosed();
            seat.Runner.Post(new Input.Restart(default));
        }

        await seat.Runner.PingAsync(cancellationToken);
        await seat.Runner.WaitAsync(
            view => view.IsStuck || (IsSettled(view) && (view.Runtime.Instance > before || view.IsAtRest)),
            cancellationToken);
    }

    private void RefuseWhenClosed()
    {
        if (_isClosed)
        {
            throw new ControlException("cannot take orders: the supervisor is stopping");
        }
    }

    /// <summary>At the end of everything: it rests, or nothing more can be done.</summary>
    private static bool IsClosed(ComponentView view) =>
        view.IsOver || view.EndsUnseen || view.Runtime.State is ComponentState.Stopped;

    /// <summary>A component that has done its work is not made to do it again because another needs it.</summary>
    private static bool IsDone(ComponentSeat seat, string? ordered) =>
        ordered is not null && ordered != seat.Name && seat.View.Runtime.IsCompleted;

    private static bool IsSettled(ComponentView view) => !view.AwaitsStart
        && view.Runtime.State is not (ComponentState.Starting or ComponentState.Stopping);

    private List<ComponentSeat> SeatsOf(IEnumerable<string> names) =>
        [.. names.Select(Find).OfType<ComponentSeat>()];

    /// <summary>Returns when every runner has read the message: what its view says is later than it.</summary>
    private static async Task PostAsync(
        IEnumerable<ComponentSeat> seats, RunnerMessage message, CancellationToken cancellationToken)
    {
        var posted = seats.ToList();
        posted.ForEach(seat => seat.Runner.Post(message));
        await Task.WhenAll(posted.Select(seat => seat.Runner.PingAsync(cancellationToken)));
    }

    /// <summary>Stops for good what the file does not name any more, whoever orders it to start meanwhile.</summary>
    private async Task RemoveAsync(IReadOnlyCollection<ComponentSeat> seats, CancellationToken cancellationToken)
    {
        do
        {
            await StopAsync(seats, static view => view.IsAtRest, cancellationToken, insists: true);
        }
        while (!seats.All(seat => seat.View.IsAtRest));
    }

    private async Task StopAsync(
        IReadOnlyCollection<ComponentSeat> seats,
        Func<ComponentView, bool> isOver,
        CancellationToken cancellationToken,
        bool insists = false)
    {
        var graph = _state.Document.Graph;
        var stopping = new Dictionary<string, Task>(StringComparer.Ordinal);
        foreach (var name in graph.StopOrder.Concat(seats.Select(seat => seat.Name)).Distinct(StringComparer.Ordinal))
        {
            if (seats.FirstOrDefault(seat => seat.Name == name) is not { } seat)
            {
                continue;
            }

            // Dependents come first in this order, so their tasks are there already.
            var dependents = stopping
                .Where(other => graph.AllDependentsOf(name).Contains(other.Key))
                .Select(other => other.Value)
                .ToList();
            stopping.Add(name, StopAfterAsync(seat, dependents, isOver, insists, cancellationToken));
        }

        await Task.WhenAll(stopping.Values);
    }

    private async Task StopAfterAsync(
        ComponentSeat seat,
        IReadOnlyList<Task> dependents,
        Func<ComponentView, bool> isOver,
        bool insists,
        CancellationToken cancellationToken)
    {
        await Task.WhenAll(dependents);
        do
        {
            await PostAsync([seat], new RunnerMessage.Happened(new Input.Stop(default)), cancellationToken);

            // Who is heard only after the set was closed may make it wait for a start that never comes, or make it run
            // again what was being stopped.
            await seat.Runner.WaitAsync(
                view => isOver(view)
                    || (_isClosed && IsClosed(view))
                    || ((_isClosed || insists) && !IsGoingToRest(view)),
                cancellationToken);
        }
        while (_isClosed ? !IsClosed(seat.View) : insists && !isOver(seat.View));
    }

    private static bool IsGoingToRest(ComponentView view) =>
        view.Runtime is { State: ComponentState.Stopping, Purpose: StopPurpose.Rest };
}
