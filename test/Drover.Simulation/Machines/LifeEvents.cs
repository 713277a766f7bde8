using Drover.Supervisor.Components;
using Drover.Supervisor.Control;
using Drover.Supervisor.State;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.Simulation.Machines;

/// <summary>Takes events and ends as the real pump does: a moment later, in order, into the real history.</summary>
internal sealed class LifeEvents : IComponentEvents
{
    private readonly World _world;
    private readonly SupervisorLife _life;
    private readonly Ledger _ledger;
    private readonly HistoryStore _history;
    private readonly Queue<Item> _queue = new();
    private readonly List<TaskCompletionSource> _flushes = [];
    private bool _isPumping;

    internal LifeEvents(World world, SimulatedMachine machine, SupervisorLife life, Ledger ledger)
    {
        (_world, _life, _ledger) = (world, life, ledger);
        _history = HistoryStore.Open("history", machine.Disk.For(life), NullLogger.Instance, life.Clock);
    }

    public void Emit(ComponentEvent happened)
    {
        _ledger.OnEvent(happened);
        if (_life.Sabotage is Sabotage.EventsStutter && _world.Happens(0.05))
        {
            _ledger.OnEvent(happened);
        }
    }

    public void Ended(
        HistoryEntry entry, IComponentOutput output, OutputExtent extent, bool isRepeat, Action kept)
    {
        _ledger.OnEnded(entry, isRepeat);
        _queue.Enqueue(new Item(entry, isRepeat, kept));
        if (!_isPumping)
        {
            _isPumping = true;
            _world.After(_world.UpTo(0.02), () => _life.Do(Pump));
        }
    }

    /// <summary>Everything told so far is in the history.</summary>
    internal Task FlushAsync()
    {
        if (!_isPumping)
        {
            return Task.CompletedTask;
        }

        var flushed = new TaskCompletionSource();
        _flushes.Add(flushed);
        return flushed.Task;
    }

    private void Pump()
    {
        while (_queue.TryDequeue(out var item))
        {
            if (item.IsRepeat && _history.Holds(item.Entry) ? _history.Add([]) : Keep(item.Entry))
            {
                item.Kept();
            }
        }

        _isPumping = false;
        _flushes.ForEach(flushed => flushed.TrySetResult());
        _flushes.Clear();
    }

    private bool Keep(HistoryEntry entry)
    {
        if (_life.Sabotage is Sabotage.HistoryForgets && _world.Happens(0.05))
        {
            return true;
        }

        if (_life.Sabotage is Sabotage.HistoryStutters && _world.Happens(0.05))
        {
            _history.Add([entry]);
        }

        return _history.Add([entry]);
    }

    private sealed record Item(HistoryEntry Entry, bool IsRepeat, Action Kept);
}
