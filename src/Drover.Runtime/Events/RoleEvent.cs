using System.Text.Json;
using Drover.Core.Events;
using Drover.Wire.Agents;
using Drover.Wire.People;

namespace Drover.Runtime.Events;

/// <summary>One event of a role, with its place in the order. It never changes.</summary>
/// <param name="Id">Unique with <paramref name="Source"/>, over restarts too.</param>
/// <param name="Type">One of the closed set.</param>
/// <param name="Time">When it happened.</param>
/// <param name="Source">Which role of which machine saw it: <c>/gateway/edge</c>.</param>
/// <param name="Subject">What it is about.</param>
/// <param name="Severity">How much it wants a person's attention.</param>
/// <param name="Data">An object with the type's fields; secrets are taken out.</param>
public sealed record RoleEvent(
    string Id,
    EventType Type,
    DateTimeOffset Time,
    string Source,
    string? Subject,
    EventSeverity Severity,
    JsonElement Data)
{
    /// <summary>The severity as it is on the wire.</summary>
    public string SeverityName => EventData.NameOf(Severity);

    /// <summary>As people and tools read it.</summary>
    public EventDto ToDto() => new(Id, Type.Name, Time, Source, Subject, SeverityName, Data);

    /// <summary>As a role reports it to its server, which gives it an id and a source of its own.</summary>
    public AgentEventDto ToReport() => new(Type.Name, Time, Subject, SeverityName, Data);
}
