using System.Runtime.CompilerServices;
using Drover.Core.Events;
using Drover.Runtime.Events;
using Drover.Runtime.Storage;
using Drover.Server.Hosting;

namespace Drover.Server.Features.Events;

/// <summary>
/// The server's one ordered stream of events. An event is appended in the same transaction as the change it tells of
/// and shown to followers once that is durable. Followers read at their own pace from a ring of the newest events, or
/// from the database when they are further behind: none of them can make the server hold more.
/// </summary>
internal sealed class EventLog(Database database)
{
    private const int RingSize = 4096;
    private const int PageSize = 500;

    private readonly StoredEvent?[] _ring = new StoredEvent?[RingSize];
    private readonly Pulse _appended = new();
    private long _lastGiven;
    private long _lastShown;

    /// <summary>Id of the newest event that followers can see.</summary>
    public long Newest => Volatile.Read(ref _lastShown);

    /// <summary>Reads where the order stands; before anything is appended.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        _lastGiven = await database.ReadAsync(EventStore.Newest, cancellationToken);
        Volatile.Write(ref _lastShown, _lastGiven);
    }

    /// <summary>Leaves ids out, after a restore: they may have been given by the server that was lost.</summary>
    public void Skip(long count) => _lastGiven += count;

    /// <summary>
    /// Appends within a write; only the one writer calls this, so ids are given in the order of the commits.
    /// </summary>
    public StoredEvent Append(DbSession session, EventDraft draft)
    {
        var stored = new StoredEvent(
            ++_lastGiven,
            draft.Type.Name,
            DateTimeOffset.FromUnixTimeMilliseconds(draft.Time.ToUnixTimeMilliseconds()),
            draft.Source,
            draft.HostId,
            draft.Subject,
            NameOf(draft.Severity),
            draft.Data);
        EventStore.Insert(session, stored);
        session.AfterCommit(() => Show(stored));
        return stored;
    }

    /// <summary>Appends in a write of its own.</summary>
    public Task AppendAsync(EventDraft draft, CancellationToken cancellationToken) =>
        database.WriteAsync(session => { Append(session, draft); }, cancellationToken);

    /// <summary>A page of stored events after a cursor.</summary>
    public Task<List<StoredEvent>> ReadAsync(
        long after, EventFilter filter, int limit, CancellationToken cancellationToken) =>
        database.ReadAsync(session => EventStore.ReadAfter(session, after, filter, limit), cancellationToken);

    /// <summary>The cursor from which a reader sees the newest <paramref name="count"/> events it wants.</summary>
    public Task<long> CursorOfNewestAsync(EventFilter filter, int count, CancellationToken cancellationToken) =>
        database.ReadAsync(session => EventStore.CursorOfNewest(session, filter, count), cancellationToken);

    /// <summary>
    /// Events after a cursor in batches, without a gap and without end. A batch without events is given when nothing
    /// was given for <paramref name="quiet"/>, however much came meanwhile that the reader does not want.
    /// </summary>
    public async IAsyncEnumerable<EventBatch> FollowAsync(
        long after,
        EventFilter filter,
        TimeSpan quiet,
        TimeProvider time,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var given = time.Monotonic();
        while (true)
        {
            var left = quiet - (time.Monotonic() - given);
            if (left <= TimeSpan.Zero)
            {
                given = time.Monotonic();
                yield return new EventBatch(after, []);
                continue;
            }

            var appended = _appended.Next;
            var newest = Newest;
            if (newest > after)
            {
                var batch =
                    FromRing(after, newest) ?? await ReadAsync(after, EventFilter.All, PageSize, cancellationToken);
                if (batch.Count > 0)
                {
                    after = batch[^1].Id;
                    var wanted = batch.Where(filter.Wants).ToList();
                    if (wanted.Count > 0)
                    {
                        given = time.Monotonic();
                        yield return new EventBatch(after, wanted);
                    }

                    continue;
                }
            }

            await appended.WithinAsync(left, time, cancellationToken);
        }
    }

    private static string NameOf(EventSeverity severity) => severity switch
    {
        EventSeverity.Info => "info",
        EventSeverity.Warning => "warning",
        EventSeverity.Error => "error",
    };

    private List<StoredEvent>? FromRing(long after, long newest)
    {
        var count = (int)Math.Min(newest - after, PageSize);
        var batch = new List<StoredEvent>(count);
        for (var id = after + 1; batch.Count < count; id++)
        {
            // A rolled back write leaves a gap in the ids, and an overwritten slot means the reader is too far behind;
            // the database knows which of the two it is.
            if (Volatile.Read(ref _ring[id % RingSize]) is not { } stored || stored.Id != id)
            {
                return batch.Count > 0 ? batch : null;
            }

            batch.Add(stored);
        }

        return batch;
    }

    private void Show(StoredEvent stored)
    {
        Volatile.Write(ref _ring[stored.Id % RingSize], stored);
        Volatile.Write(ref _lastShown, stored.Id);
        _appended.Beat();
    }
}

/// <summary>What a follower of events is given at once.</summary>
/// <param name="Through">Everything up to this id was looked at: where the reader resumes.</param>
/// <param name="Events">Those of it that the reader wants; empty as a sign of life.</param>
internal sealed record EventBatch(long Through, IReadOnlyList<StoredEvent> Events);
