using Drover.Core.Events;
using Drover.Runtime.Storage;
using Drover.Server.Features.Events;
using Microsoft.Extensions.Logging;

namespace Drover.Server.Features.Hosts;

/// <summary>What became of a host: its sighting is to be stored, and these events tell of it.</summary>
internal sealed record HostChange(EnrolledHost Host, IReadOnlyList<EventDraft> Told);

/// <summary>
/// Stores what became of hosts, in order and many in one write. A change of state is true in memory before it is
/// stored, so what the disk refuses is not lost with the refusal: it waits here, bounded, and goes out before anything
/// newer; <see cref="FleetRunner"/> tries every second. Never fails for the disk: a host that is heard is heard.
/// </summary>
internal sealed partial class HostChangeStore(
    Database database, EventLog events, TimeProvider time, ILogger<HostChangeStore> logger) : IDisposable
{
    internal const int MostWaiting = 10_000;

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _turn = new(1);
    private readonly List<HostChange> _waiting = [];
    private long _dropped;

    /// <summary>Stores these changes behind those that wait, or leaves all of them waiting.</summary>
    public Task StoreAsync(params IReadOnlyList<HostChange> changes)
    {
        lock (_gate)
        {
            var room = Math.Min(changes.Count, MostWaiting - _waiting.Count);
            _waiting.AddRange(changes.Take(room));
            _dropped += changes.Skip(room).Sum(change => change.Told.Count);
        }

        return StoreWaitingAsync();
    }

    /// <summary>Tries again what waits; nothing when nothing does.</summary>
    public async Task StoreWaitingAsync()
    {
        // Whoever has the turn stores for all who wait for it.
        await _turn.WaitAsync();
        try
        {
            HostChange[] batch;
            long dropped;
            lock (_gate)
            {
                (batch, dropped) = ([.. _waiting], _dropped);
            }

            if (batch.Length > 0)
            {
                await database.WriteAsync(session => { Store(session, batch, dropped); }, CancellationToken.None);
                lock (_gate)
                {
                    _waiting.RemoveRange(0, batch.Length);
                    _dropped -= dropped;
                }
            }
        }
        catch (StorageException exception)
        {
            LogWaiting(logger, exception.Message);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private void Store(DbSession session, HostChange[] batch, long dropped)
    {
        foreach (var change in batch)
        {
            // As it stands now: newer than the change, if anything.
            HostStore.SaveSighting(session, change.Host.HostId, change.Host.Sighting);
            foreach (var draft in change.Told)
            {
                events.Append(session, draft);
            }
        }

        if (dropped > 0)
        {
            events.Append(session, new EventDraft(EventTypes.AlertLoss, time.GetUtcNow(), "server")
            {
                Data = EventDraft.Fields(("store", "changes of hosts"), ("dropped", dropped)),
            });
        }
    }

    [LoggerMessage(1112, LogLevel.Warning, "What became of hosts is not stored yet and tried again: {Why}")]
    private static partial void LogWaiting(ILogger logger, string why);
}
