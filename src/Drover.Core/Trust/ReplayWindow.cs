namespace Drover.Core.Trust;

/// <summary>What a <see cref="ReplayWindow"/> says of a request id.</summary>
public enum ReplayVerdict
{
    /// <summary>Not seen before; remembered from now on.</summary>
    Fresh,

    /// <summary>Seen before: refuse the request.</summary>
    Replayed,

    /// <summary>
    /// The window remembers as many ids as it may: ask the caller to slow down, for the id could not be remembered.
    /// </summary>
    Full,
}

/// <summary>
/// Remembers the ids of accepted requests for as long as their stamps could pass again, so that a captured request
/// works once. Bounded; when full it refuses rather than forgets. One for each host and route, so that no host fills
/// another's and no route keeps another from working: the signature covers the path, so an id means nothing elsewhere.
/// Not thread-safe: the owner serialises access. Judge the stamp (<see cref="StampPolicy"/>) before asking it.
/// </summary>
public sealed class ReplayWindow
{
    private readonly int _capacity;
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);
    private readonly PriorityQueue<string, long> _byExpiry = new();

    /// <summary>A window of at most <paramref name="capacity"/> ids.</summary>
    public ReplayWindow(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _capacity = capacity;
    }

    /// <summary>How many ids it remembers.</summary>
    public int Count => _ids.Count;

    /// <summary>Asks for an id and remembers it when it is fresh.</summary>
    /// <param name="requestId">The value of <c>X-Request-Id</c>, bounded in length by the caller.</param>
    /// <param name="unixSeconds">The request's stamp, already judged to be within the allowed skew.</param>
    /// <param name="now">The server's clock.</param>
    public ReplayVerdict Remember(string requestId, long unixSeconds, DateTimeOffset now)
    {
        Forget(now.ToUnixTimeSeconds());
        if (_ids.Contains(requestId))
        {
            return ReplayVerdict.Replayed;
        }

        if (_ids.Count >= _capacity)
        {
            return ReplayVerdict.Full;
        }

        _ids.Add(requestId);
        _byExpiry.Enqueue(requestId, unixSeconds + (long)RequestSignature.AllowedSkew.TotalSeconds);
        return ReplayVerdict.Fresh;
    }

    /// <summary>How long until a full window has room again; zero when it has room now.</summary>
    public TimeSpan RoomIn(DateTimeOffset now) =>
        _ids.Count >= _capacity && _byExpiry.TryPeek(out _, out var lastGoodSecond)
            ? TimeSpan.FromSeconds(Math.Max(0, lastGoodSecond + 1 - now.ToUnixTimeSeconds()))
            : TimeSpan.Zero;

    private void Forget(long now)
    {
        // Strictly past: at the very second of its expiry a stamp still passes.
        while (_byExpiry.TryPeek(out var id, out var lastGoodSecond) && lastGoodSecond < now)
        {
            _byExpiry.Dequeue();
            _ids.Remove(id);
        }
    }
}
