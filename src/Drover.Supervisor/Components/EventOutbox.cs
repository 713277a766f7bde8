using System.Security.Cryptography;
using Drover.Core.Components;
using Drover.Core.Events;
using Drover.Runtime.Uplink;
using Drover.Supervisor.State;

namespace Drover.Supervisor.Components;

/// <summary>
/// Events of one component that were decided and are not known to be kept: they are part of the record of the step that
/// decided them, and a supervisor that was killed before they were kept tells them again under the same number. Owned
/// by the runner; settled from any thread.
/// </summary>
internal sealed class EventOutbox
{
    /// <summary>More than these are never on their way at once unless the disk refuses; then the oldest go.</summary>
    internal const int Most = 64;

    private const int StreamBytes = 6;

    // Of this life alone: a record that a full disk or a power cut took may not lead to a number being used twice.
    private readonly string _stream = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(StreamBytes));
    private readonly ComponentId _component;
    private readonly List<(long Order, RecordedEvent Event)> _pending;
    private long _order;
    private long _number;
    private long _written;
    private long _settled;

    /// <param name="component">Whose events.</param>
    /// <param name="left">What an earlier life of the supervisor left.</param>
    internal EventOutbox(ComponentId component, IReadOnlyList<RecordedEvent> left)
    {
        _component = component;
        _pending = [.. left.Select(one => (++_order, one))];
        _written = _order;
    }

    /// <summary>There are events that no record has yet.</summary>
    internal bool HasNews => _order != _written;

    /// <summary>What an earlier life left, to be told again before anything else.</summary>
    internal IEnumerable<ComponentEvent> Left()
    {
        foreach (var (order, one) in _pending)
        {
            if (EventTypes.Find(one.Type) is { } type)
            {
                yield return Told(order, one, type) with { IsRepeated = true };
            }
        }
    }

    /// <summary>Takes in an event that was just decided.</summary>
    internal ComponentEvent Add(DateTimeOffset at, EventType type, IReadOnlyList<EventField> fields)
    {
        var one = new RecordedEvent
        {
            Stream = _stream,
            Number = ++_number,
            At = at,
            Type = type.Name,
            Fields = fields,
        };
        _pending.Add((++_order, one));
        if (_pending.Count > Most)
        {
            _pending.RemoveAt(0);
        }

        return Told(_order, one, type);
    }

    /// <summary>What the next record has to hold.</summary>
    internal IReadOnlyList<RecordedEvent> Write()
    {
        var settled = Interlocked.Read(ref _settled);
        _pending.RemoveAll(one => one.Order <= settled);
        _written = _order;
        return [.. _pending.Select(one => one.Event)];
    }

    private ComponentEvent Told(long order, RecordedEvent one, EventType type) =>
        new(one.At, _component, type, one.Fields)
        {
            Mark = new EventMark(_component.Name, one.Stream, one.Number),
            Settled = () => Settle(order),
        };

    /// <summary>Events are kept in their order, so that the last kept one speaks for those before it.</summary>
    private void Settle(long order)
    {
        long seen;
        while ((seen = Interlocked.Read(ref _settled)) < order
            && Interlocked.CompareExchange(ref _settled, order, seen) != seen)
        {
            // Another thread was faster; look again.
        }
    }
}
