using Drover.Core.Events;

namespace Drover.Runtime.Events;

/// <summary>Where a part of a role tells what happened. Thread-safe.</summary>
public interface IEventPublisher
{
    /// <summary>Something happened. Never waits and never fails for what lies behind it.</summary>
    /// <param name="type">One of the closed set.</param>
    /// <param name="subject">What it is about: an agent's name.</param>
    /// <param name="severity">Null: that of the type.</param>
    /// <param name="data">Fields that the type declares; those that are null are left out. Texts, numbers, booleans and
    /// times; secrets in texts are taken out here.</param>
    void Publish(
        EventType type,
        string subject,
        EventSeverity? severity,
        params ReadOnlySpan<(string Name, object? Value)> data);
}

/// <summary>The usual call.</summary>
public static class EventPublishing
{
    /// <summary>Something happened, with the severity of its type.</summary>
    /// <param name="publisher">Who is told.</param>
    /// <param name="type">One of the closed set.</param>
    /// <param name="subject">What it is about: an agent's name.</param>
    /// <param name="data">See <see cref="IEventPublisher.Publish"/>.</param>
    public static void Publish(
        this IEventPublisher publisher,
        EventType type,
        string subject,
        params ReadOnlySpan<(string Name, object? Value)> data)
    {
        ArgumentNullException.ThrowIfNull(publisher);
        publisher.Publish(type, subject, severity: null, data);
    }
}
