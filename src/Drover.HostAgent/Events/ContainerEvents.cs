using System.Text.Json;
using Drover.Core.Events;
using Drover.Wire.Agents;

namespace Drover.HostAgent.Events;

/// <summary>Makes the events of the closed set that a host agent reports. Pure.</summary>
internal static class ContainerEvents
{
    internal static AgentEventDto Make(EventType type, DateTimeOffset time, LedgerEntry container, int? exitCode = null)
    {
        // An exit with code 0 is what a finished job does; everything else deserves a look.
        var severity = type == EventTypes.ContainerDied && exitCode == 0 ? EventSeverity.Info : type.Severity;
        return new AgentEventDto(type.Name, time, container.Name, NameOf(severity), Data(writer =>
        {
            writer.WriteString("app_code", container.AppCode);
            writer.WriteString("name", container.Name);
            writer.WriteString("image", container.Image);
            if (exitCode is { } code)
            {
                writer.WriteNumber("exit_code", code);
            }
        }));
    }

    /// <summary>A bounded store dropped something: the only trace of it.</summary>
    internal static AgentEventDto Loss(string store, long dropped, DateTimeOffset time) =>
        new(EventTypes.AlertLoss.Name, time, store, NameOf(EventTypes.AlertLoss.Severity), Data(writer =>
        {
            writer.WriteString("store", store);
            writer.WriteNumber("dropped", dropped);
        }));

    private static string NameOf(EventSeverity severity) => severity switch
    {
        EventSeverity.Info => "info",
        EventSeverity.Warning => "warning",
        EventSeverity.Error => "error",
    };

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
