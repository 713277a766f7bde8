using System.Runtime.CompilerServices;

namespace Drover.Runtime.Events;

/// <summary>
/// The newest events of a role, kept in memory for those who come later: each reads at its own pace and resumes after
/// the id it had last, and none can make the role hold more. Who comes back too late, or after a restart, is told that
/// something is missing. Thread-safe; one writes.
/// </summary>
public sealed class EventFeed
{
    /// <summary>So many of the newest are kept.</summary>
    public const int Size = 2048;

    private const int PageSize = 256;

    private readonly RoleEvent?[] _ring;
    private readonly Pulse _added = new();
    private readonly Lock _gate = new();
    private readonly long _run;
    private long _newest;

    /// <param name="run">Number of this run of the role.</param>
    /// <param name="size">How many are kept.</param>
    public EventFeed(long run, int size = Size) => (_run, _ring) = (run, new RoleEvent?[size]);

    /// <summary>
    /// The id of the newest event, with number 0 while there is none: who begins here sees what comes.
    /// </summary>
    public EventCursor Newest
    {
        get
        {
            lock (_gate)
            {
                return new EventCursor(_run, _newest);
            }
        }
    }

    /// <summary>
    /// Before everything that is kept: who begins here sees all of it, and is told of nothing missing.
    /// </summary>
    public EventCursor Oldest
    {
        get
        {
            lock (_gate)
            {
                return new EventCursor(_run, OldestKept - 1);
            }
        }
    }

    private long OldestKept => Math.Max(1, _newest - _ring.Length + 1);

    /// <summary>The next events after a cursor. Returns at once.</summary>
    public EventPage Read(EventCursor after)
    {
        lock (_gate)
        {
            var from = after.Run == _run ? Math.Min(after.Number, _newest) + 1 : 1;
            var first = Math.Max(from, OldestKept);
            var last = Math.Min(_newest, first + PageSize - 1);
            var events = new List<RoleEvent>();
            for (var number = first; number <= last; number++)
            {
                events.Add(_ring[number % _ring.Length]!);
            }

            return new EventPage(
                new EventCursor(_run, Math.Max(last, first - 1)),
                events,
                IsGap: after.Run != _run || first > from,
                Missing: after.Run == _run ? first - from : null);
        }
    }

    /// <summary>
    /// Events after a cursor in batches, without end. A page without events is given when nothing came for
    /// <paramref name="quiet"/>: a sign of life.
    /// </summary>
    public async IAsyncEnumerable<EventPage> FollowAsync(
        EventCursor after,
        TimeSpan quiet,
        TimeProvider time,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var added = _added.Next;
            var page = Read(after);
            if (page.Events.Count > 0 || page.IsGap
                || !await added.WithinAsync(quiet, time, cancellationToken))
            {
                after = page.Through;
                yield return page;
            }
        }
    }

    /// <summary>Keeps an event; its number is the next one.</summary>
    internal void Add(long number, RoleEvent one)
    {
        lock (_gate)
        {
            _ring[number % _ring.Length] = one;
            _newest = number;
        }

        _added.Beat();
    }
}

/// <summary>What a reader of a feed is given at once.</summary>
/// <param name="Through">Where it resumes.</param>
/// <param name="Events">Oldest first; empty when there is nothing now.</param>
/// <param name="IsGap">True: between the cursor and the first event here something happened that is not kept.</param>
/// <param name="Missing">How many are missing; null where nobody knows, for it was another run of the role.</param>
public sealed record EventPage(
    EventCursor Through, IReadOnlyList<RoleEvent> Events, bool IsGap, long? Missing);
