using System.Text.Json;
using System.Text.Json.Serialization;

namespace Drover.Runtime.Docker.Transport;

/// <summary>Reads the engine's RFC 3339 times; its "never" (empty, or Go's zero time in the year 1) becomes
/// null.</summary>
internal sealed class EngineTimestampConverter : JsonConverter<EngineTimestamp?>
{
    private const string GoZeroYear = "0001-";

    public override bool HandleNull => true;

    public override EngineTimestamp? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType is not JsonTokenType.String
            || reader.GetString() is not { Length: > 0 } text
            || text.StartsWith(GoZeroYear, StringComparison.Ordinal))
        {
            return null;
        }

        return EngineTimestamp.TryParse(text, out var timestamp)
            ? timestamp
            : throw new JsonException($"\"{text}\" is not an RFC 3339 time.");
    }

    public override void Write(Utf8JsonWriter writer, EngineTimestamp? value, JsonSerializerOptions options)
    {
        if (value is { } timestamp)
        {
            writer.WriteStringValue(timestamp.ToString());
        }
        else
        {
            writer.WriteNullValue();
        }
    }
}
