namespace Drover.Gateway.Forwarding;

/// <summary>
/// Gives up on an agent that does not begin to answer, and where the user asks for it on an exchange that is silent.
/// The time counts from the last octet that passed, so that a long upload is none of it; with the answer's first line
/// the time for an answer is over, and that for silence goes on. Owns its timer.
/// </summary>
internal sealed class ForwardingDeadline : IDisposable
{
    private readonly CancellationTokenSource? _source;
    private readonly TimeSpan _idle;
    private TimeSpan _limit;
    private volatile bool _hasAnswer;

    /// <param name="response">For an answer to begin; zero is no limit.</param>
    /// <param name="idle">For silence; zero is no limit.</param>
    /// <param name="time">The clock.</param>
    public ForwardingDeadline(TimeSpan response, TimeSpan idle, TimeProvider time)
    {
        _idle = LimitOf(idle);
        _limit = Shorter(LimitOf(response), _idle);
        _source = _limit == Timeout.InfiniteTimeSpan ? null : new CancellationTokenSource(_limit, time);
    }

    /// <summary>Cancelled when the time is over.</summary>
    public CancellationToken Token => _source?.Token ?? CancellationToken.None;

    /// <summary>True when the time is over.</summary>
    public bool IsOver => _source is { IsCancellationRequested: true };

    /// <summary>True when an octet of the answer counts: where silence is limited.</summary>
    public bool CountsSilence => _source is not null && _idle != Timeout.InfiniteTimeSpan;

    /// <summary>Something passed, in either direction: the time begins again.</summary>
    public void BeginAgain()
    {
        if (_source is not null && !(_hasAnswer && _idle == Timeout.InfiniteTimeSpan))
        {
            Set(_limit);
        }
    }

    /// <summary>The agent answers: from now on only silence counts.</summary>
    public void Answered()
    {
        _hasAnswer = true;
        _limit = _idle;
        Set(_limit);
    }

    /// <inheritdoc/>
    public void Dispose() => _source?.Dispose();

    private static TimeSpan LimitOf(TimeSpan written) =>
        written == TimeSpan.Zero ? Timeout.InfiniteTimeSpan : written;

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) =>
        one == Timeout.InfiniteTimeSpan ? other
        : other == Timeout.InfiniteTimeSpan || one < other ? one
        : other;

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
