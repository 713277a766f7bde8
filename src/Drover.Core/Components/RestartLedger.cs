using System.Collections.Immutable;

namespace Drover.Core.Components;

/// <summary>
/// The restarts of a component within a sliding window. Immutable, bounded by the limit it is asked for.
/// </summary>
/// <param name="Times">Oldest first, on the machine's monotonic clock.</param>
public sealed record RestartLedger(ImmutableArray<TimeSpan> Times)
{
    /// <summary>No restarts.</summary>
    public static readonly RestartLedger Empty = new([]);

    /// <summary>How many lie within the window that ends now. One exactly a window ago has left it.</summary>
    public int CountWithin(TimeSpan window, TimeSpan now) => Times.Count(time => now - time < window);

    /// <summary>From when on fewer than <paramref name="limit"/> lie within the window: zero when they do from the
    /// beginning.</summary>
    public TimeSpan RoomAt(int limit, TimeSpan window) =>
        Times.Length < limit ? TimeSpan.Zero : Times[^limit] + window;

    /// <summary>The ledger with one more restart, and without those that have left the window.</summary>
    public RestartLedger Add(TimeSpan now, TimeSpan window) => new([.. Times.Where(time => now - time < window), now]);
}
