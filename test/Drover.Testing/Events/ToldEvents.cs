using Drover.Core.Events;
using Drover.Runtime.Events;

namespace Drover.Testing.Events;

/// <summary>Remembers what a part of a role publishes.</summary>
public sealed class ToldEvents : IEventPublisher
{
    private readonly Lock _gate = new();
    private readonly List<ToldEvent> _all = [];

    /// <summary>All of them, in their order.</summary>
    public IReadOnlyList<ToldEvent> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _all];
            }
        }
    }

    /// <summary>Their types, in their order.</summary>
    public IReadOnlyList<EventType> Types => [.. All.Select(one => one.Type)];

    /// <inheritdoc/>
    public void Publish(
        EventType type,
        string subject,
        EventSeverity? severity,
        params ReadOnlySpan<(string Name, object? Value)> data)
    {
        var fields = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (name, value) in data)
        {
            // What the reference page does not list, nobody may send.
            if (!type.DataFields.Split(", ").Contains(name))
            {
                throw new ArgumentException($"{type} declares no field \"{name}\"", nameof(data));
            }

            fields[name] = value;
        }

        lock (_gate)
        {
            _all.Add(new ToldEvent(type, subject, severity ?? type.Severity, fields));
        }
    }
}

/// <summary>One event that was published.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Subject">What it is about.</param>
/// <param name="Severity">How much it wants attention.</param>
/// <param name="Data">Its fields, those that are null too.</param>
public sealed record ToldEvent(
    EventType Type, string Subject, EventSeverity Severity, IReadOnlyDictionary<string, object?> Data);
