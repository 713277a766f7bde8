namespace Drover.Runtime.Scheduling;

/// <summary>A caller's cancellation and a time limit in one token, still told apart afterwards.</summary>
public sealed class Deadline : IDisposable
{
    private readonly CancellationTokenSource _timer;
    private readonly CancellationTokenSource _linked;
    private readonly CancellationToken _caller;

    /// <param name="time">Whose clock the limit runs by.</param>
    /// <param name="length">The limit; infinite is none.</param>
    /// <param name="cancellationToken">The caller's own.</param>
    public Deadline(TimeProvider time, TimeSpan length, CancellationToken cancellationToken)
    {
        Length = length;
        _caller = cancellationToken;
        _timer = new CancellationTokenSource(length, time);
        _linked = CancellationTokenSource.CreateLinkedTokenSource(_timer.Token, cancellationToken);
    }

    /// <summary>The limit.</summary>
    public TimeSpan Length { get; }

    /// <summary>Cancelled by whichever comes first.</summary>
    public CancellationToken Token => _linked.Token;

    /// <summary>True when the time ran out and the caller did not cancel.</summary>
    public bool HasPassed => _timer.IsCancellationRequested && !_caller.IsCancellationRequested;

    /// <inheritdoc/>
    public void Dispose()
    {
        _linked.Dispose();
        _timer.Dispose();
    }
}
