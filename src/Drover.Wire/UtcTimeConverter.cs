using System.Text.Json;
using System.Text.Json.Serialization;

namespace Drover.Wire;

/// <summary>
/// Times on the wire are RFC 3339 in UTC and end with <c>Z</c>, whatever offset a value carries in memory, so that all
/// of them look and sort alike. Every offset is read.
/// </summary>
public sealed class UtcTimeConverter : JsonConverter<DateTimeOffset>
{
    /// <inheritdoc/>
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetDateTimeOffset();

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStringValue(value.UtcDateTime);
    }
}
