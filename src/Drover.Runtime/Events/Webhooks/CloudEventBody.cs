using System.Buffers;
using System.Text.Json;
using Drover.Wire.People;

namespace Drover.Runtime.Events.Webhooks;

/// <summary>
/// An event in the structured JSON of CloudEvents 1.0; its severity is an extension attribute. Pure.
/// Source: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
/// </summary>
internal static class CloudEventBody
{
    internal const string ContentType = "application/cloudevents+json; charset=utf-8";

    internal static byte[] Of(EventDto one)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("specversion", "1.0");
            writer.WriteString("id", one.Id);
            writer.WriteString("source", one.Source);
            writer.WriteString("type", one.Type);
            writer.WriteString("time", one.Time.UtcDateTime);

            // An attribute that is empty is not there (section 3.1 of the specification).
            if (one.Subject is { Length: > 0 } subject)
            {
                writer.WriteString("subject", subject);
            }

            writer.WriteString("severity", one.Severity);
            if (one.Data is { } data)
            {
                writer.WriteString("datacontenttype", "application/json");
                writer.WritePropertyName("data");
                data.WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
