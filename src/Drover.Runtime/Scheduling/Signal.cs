namespace Drover.Runtime.Scheduling;

/// <summary>
/// Wakes one loop that waits for work or for a time to pass, whichever comes first. Setting it while nobody waits is
/// remembered once; setting it many times wakes once. Any thread may set it, one loop waits.
/// </summary>
public sealed class Signal : IDisposable
{
    private readonly SemaphoreSlim _set = new(0, 1);
    private readonly TimeProvider _time;

    /// <param name="time">Whose clock the limits run by.</param>
    public Signal(TimeProvider time) => _time = time;

    /// <summary>Wakes the waiter, or the next one to wait.</summary>
    public void Set()
    {
        try
        {
            _set.Release();
        }
        catch (SemaphoreFullException)
        {
            // Already set: one wake is enough.
        }
    }

    /// <summary>Waits until it is set.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) => _set.WaitAsync(cancellationToken);

    /// <summary>Waits until it is set (true) or the time has passed (false).</summary>
    public async Task<bool> WaitAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(limit > TimeSpan.Zero ? limit : TimeSpan.Zero, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        try
        {
            await _set.WaitAsync(either.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _set.Dispose();
}
