namespace Drover.Simulation.Machines;

/// <summary>
/// Runs all that one life of a supervisor does, on the thread of the simulation: whatever is ready, in an order that
/// chance picks, as the threads of a real machine would. When nothing is ready, nothing more happens at this instant.
/// </summary>
internal sealed class LifeScheduler(Random chance) : TaskScheduler
{
    private readonly List<Task> _ready = [];
    private bool _isOver;

    /// <summary>What is under way is never heard of again.</summary>
    internal void End()
    {
        _isOver = true;
        _ready.Clear();
    }

    /// <summary>Runs until nothing is ready.</summary>
    internal void RunAll()
    {
        while (_ready.Count > 0)
        {
            var index = chance.Next(_ready.Count);
            var task = _ready[index];
            _ready.RemoveAt(index);
            TryExecuteTask(task);
        }
    }

    protected override void QueueTask(Task task)
    {
        if (!_isOver)
        {
            _ready.Add(task);
        }
    }

    /// <summary>Never: what is ready waits for its turn.</summary>
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => _ready;
}
