using Drover.Wire.Commands;

namespace Drover.HostAgent.Commands;

/// <summary>
/// The commands that were taken and have not ended. What changes the host and what only looks are bounded apart, so
/// that a long queue of actions leaves room for a look. Thread-safe.
/// </summary>
internal sealed class CommandsInHand
{
    // Few, so that the order of those that wait is the server's, who knows of a more urgent one first.
    private const int MaxActions = 64;
    private const int MaxLooks = 64;

    private readonly Lock _gate = new();
    private readonly HashSet<Task> _running = [];
    private int _actions;
    private int _looks;

    /// <summary>What there is room for, one of <see cref="WaitScopes"/>.</summary>
    public string Room
    {
        get
        {
            lock (_gate)
            {
                return _looks >= MaxLooks ? WaitScopes.Streams
                    : _actions >= MaxActions ? WaitScopes.Looks
                    : WaitScopes.All;
            }
        }
    }

    /// <summary>All that run or wait now.</summary>
    public Task Ended
    {
        get
        {
            lock (_gate)
            {
                return Task.WhenAll(_running);
            }
        }
    }

    /// <summary>Takes a command when there is room for it.</summary>
    /// <param name="command">Which.</param>
    /// <param name="take">Its way to its end; never fails.</param>
    /// <returns>False: there is no room, and nothing was begun.</returns>
    public bool TryTake(CommandDto command, Func<CommandDto, Task> take)
    {
        var isAction = CommandTypes.ChangesHost(command.Type);
        Task task;
        lock (_gate)
        {
            if (isAction ? _actions >= MaxActions : _looks >= MaxLooks)
            {
                return false;
            }

            Count(isAction, 1);
            task = take(command);
            _running.Add(task);
        }

        _ = task.ContinueWith(
            ended => Remove(ended, isAction),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        return true;
    }

    private void Remove(Task ended, bool isAction)
    {
        lock (_gate)
        {
            _running.Remove(ended);
            Count(isAction, -1);
        }
    }

    private void Count(bool isAction, int by)
    {
        _actions += isAction ? by : 0;
        _looks += isAction ? 0 : by;
    }
}
