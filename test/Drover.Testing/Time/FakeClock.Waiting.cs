namespace Drover.Testing.Time;

/// <summary>How a test waits for the code under test to go to sleep, without sleeping itself.</summary>
public sealed partial class FakeClock
{
    private async Task WaitUntilAsync(Func<bool> condition, string what, CancellationToken cancellationToken)
    {
        Waiter waiter;
        lock (_gate)
        {
            if (condition())
            {
                return;
            }

            waiter = new Waiter(condition);
            _waiters.Add(waiter);
        }

        try
        {
            await waiter.Reached.Task.WaitAsync(WaitLimit, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException(
                $"cannot wait longer for {what}: {ArmedTimers} timers are armed after {WaitLimit}");
        }
        finally
        {
            lock (_gate)
            {
                _waiters.Remove(waiter);
            }
        }
    }

    /// <summary>Called under the gate whenever the set of armed timers or the time has changed.</summary>
    private void ReleaseWaiters()
    {
        foreach (var waiter in _waiters)
        {
            if (waiter.Condition())
            {
                waiter.Reached.TrySetResult();
            }
        }
    }

    private sealed record Waiter(Func<bool> Condition)
    {
        internal TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
