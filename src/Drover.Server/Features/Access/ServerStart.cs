namespace Drover.Server.Features.Access;

/// <summary>Since when this run of the server remembers the ids of requests.</summary>
/// <param name="time">The server's clock.</param>
/// <param name="isFirstRun">No run before this one can have accepted anything, so nothing can be replayed.</param>
internal sealed class ServerStart(TimeProvider time, bool isFirstRun)
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(1);

    private readonly long _startedAt = time.GetTimestamp();

    /// <summary>
    /// The start as the wall clock shows it now. Counted back anew each time: stamps are judged by the wall clock, and
    /// a start kept from before the clock was set back would lie in the future and refuse every one of them.
    /// </summary>
    public DateTimeOffset RemembersSince =>
        isFirstRun ? DateTimeOffset.UnixEpoch : time.GetUtcNow() - time.GetElapsedTime(_startedAt);

    /// <summary>
    /// The time a caller shall sign with. Stamps are whole seconds, and one of the second of the start cannot be told
    /// from an older one: a caller of that second gets its answer when it is over, and need ask only once more.
    /// </summary>
    public async Task<DateTimeOffset> AfterFirstSecondAsync(CancellationToken cancellationToken)
    {
        var over = DateTimeOffset.FromUnixTimeSeconds(RemembersSince.ToUnixTimeSeconds() + 1);

        // Again and again, for a timer may fire a little before its time and the second is not over then.
        while (over - time.GetUtcNow() is var left && left > TimeSpan.Zero && left <= TimeSpan.FromSeconds(1))
        {
            await Task.Delay(left < ShortestPause ? ShortestPause : left, time, cancellationToken);
        }

        return time.GetUtcNow();
    }
}
