using System.Text.Json;
using Drover.Core.Events;
using Drover.Runtime.Events;
using Drover.Wire.Agents;

namespace Drover.Runtime.Uplink;

/// <summary>Makes events of the closed set as roles report them. Pure.</summary>
public static class ReportedEvents
{
    /// <summary>An event with its fields.</summary>
    /// <param name="type">One of the closed set.</param>
    /// <param name="time">When it happened.</param>
    /// <param name="subject">What it is about.</param>
    /// <param name="write">Writes the fields of its data.</param>
    /// <param name="severity">Where it is another than the type's.</param>
    public static AgentEventDto Make(
        EventType type, DateTimeOffset time, string? subject, Action<Utf8JsonWriter> write,
        EventSeverity? severity = null) =>
        new(type.Name, time, subject, EventData.NameOf(severity ?? type.Severity), Data(write));

    /// <summary>A bounded store dropped something: the only trace of it.</summary>
    public static AgentEventDto Loss(string store, long dropped, DateTimeOffset time) =>
        Make(EventTypes.AlertLoss, time, store, writer =>
        {
            writer.WriteString("store", store);
            writer.WriteNumber("dropped", dropped);
        });

    private static JsonElement Data(Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        using var document = JsonDocument.Parse(buffer.ToArray());
        return document.RootElement.Clone();
    }
}
