namespace Drover.Runtime.Events;

/// <summary>
/// Waiting for a task for a limited time, without an exception for the ordinary case that the time ran out.
/// </summary>
public static class TaskWaiting
{
    /// <summary>True when the task completed, false when <paramref name="limit"/> passed first.</summary>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public static async Task<bool> WithinAsync(
        this Task task, TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var delay = Task.Delay(limit, time, timer.Token);
        var first = await Task.WhenAny(task, delay);
        await timer.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
        if (first == task)
        {
            await task;
            return true;
        }

        return task.IsCompleted;
    }
}
