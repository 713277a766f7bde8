namespace Drover.Gateway.Forwarding;

/// <summary>
/// Gives up on an agent that does not begin to answer. The time counts from the last byte of the request that went on,
/// so that a long upload is none of it, and ends with the answer's first line. Owns its timer.
/// </summary>
internal sealed class AnswerDeadline : IDisposable
{
    private readonly CancellationTokenSource? _source;
    private readonly TimeSpan _limit;
    private volatile bool _hasAnswer;

    /// <param name="limit">Zero is no limit.</param>
    /// <param name="time">The clock.</param>
    public AnswerDeadline(TimeSpan limit, TimeProvider time)
    {
        _limit = limit;
        _source = limit == TimeSpan.Zero ? null : new CancellationTokenSource(limit, time);
    }

    /// <summary>Cancelled when the time is over.</summary>
    public CancellationToken Token => _source?.Token ?? CancellationToken.None;

    /// <summary>True when the time is over.</summary>
    public bool IsOver => _source is { IsCancellationRequested: true };

    /// <summary>A part of the request went on: the time begins again.</summary>
    public void BeginAgain()
    {
        if (!_hasAnswer)
        {
            Set(_limit);
        }
    }

    /// <summary>The agent answers: the time does not count any more.</summary>
    public void End()
    {
        _hasAnswer = true;
        Set(Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public void Dispose() => _source?.Dispose();

    private void Set(TimeSpan limit)
    {
        try
        {
            _source?.CancelAfter(limit);
        }
        catch (ObjectDisposedException)
        {
            // A body that is still read after the answer has ended.
        }
    }
}
