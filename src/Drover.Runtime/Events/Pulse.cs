namespace Drover.Runtime.Events;

/// <summary>
/// Wakes everyone who waits for "something changed" without saying what. The waiter takes <see cref="Next"/> first,
/// looks at the state, and only then awaits: a change between the two is never missed.
/// </summary>
public sealed class Pulse
{
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes at the next <see cref="Beat"/>.</summary>
    public Task Next => Volatile.Read(ref _next).Task;

    /// <summary>Wakes all who wait now.</summary>
    public void Beat() =>
        Interlocked.Exchange(ref _next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously))
            .TrySetResult();
}
