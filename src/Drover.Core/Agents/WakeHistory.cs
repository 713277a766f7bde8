namespace Drover.Core.Agents;

/// <summary>
/// How long the last wakes of an agent took, and so how long the next one will. It never changes; it keeps the newest
/// and forgets the rest, so that an agent that became faster is soon believed to be.
/// </summary>
public sealed class WakeHistory
{
    /// <summary>No wake yet.</summary>
    public static readonly WakeHistory Empty = new([]);

    private const int Most = 20;

    // Of five clients that come back when they are told, four find it ready.
    private const double Certainty = 0.8;

    private readonly TimeSpan[] _newestLast;

    private WakeHistory(TimeSpan[] newestLast) => _newestLast = newestLast;

    /// <summary>How many wakes are remembered.</summary>
    public int Count => _newestLast.Length;

    /// <summary>How long the next wake will take, most likely; null before the first.</summary>
    public TimeSpan? Estimate
    {
        get
        {
            if (_newestLast.Length == 0)
            {
                return null;
            }

            var sorted = _newestLast.Order().ToArray();
            return sorted[(int)Math.Ceiling(sorted.Length * Certainty) - 1];
        }
    }

    /// <summary>The same with one more wake.</summary>
    public WakeHistory Add(TimeSpan duration) => new([.. _newestLast.TakeLast(Most - 1), duration]);
}
