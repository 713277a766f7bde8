using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Drover.Core.Events;
using Drover.Core.Redaction;

namespace Drover.Runtime.Events;

/// <summary>
/// Makes the <c>data</c> of an event: bounded, secrets taken out, for a probe's answer and a platform's last words may
/// hold anything. Pure.
/// </summary>
internal static class EventData
{
    /// <summary>Characters of a text; what is beyond is cut.</summary>
    internal const int LongestText = 1000;

    internal static JsonElement Of(ReadOnlySpan<(string Name, object? Value)> fields)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in fields)
            {
                Write(writer, name, value);
            }

            writer.WriteEndObject();
        }

        using var document = JsonDocument.Parse(buffer.WrittenMemory);
        return document.RootElement.Clone();
    }

    /// <summary>A text that leaves the role.</summary>
    internal static string Clean(string name, string text)
    {
        var clean = SecretRedactor.RedactValue(name, text).Text;
        if (clean.Length <= LongestText)
        {
            return clean;
        }

        // A pair of surrogates is one character.
        var end = char.IsHighSurrogate(clean[LongestText - 1]) ? LongestText - 1 : LongestText;
        return clean[..end];
    }

    internal static string NameOf(EventSeverity severity) => severity switch
    {
        EventSeverity.Info => "info",
        EventSeverity.Warning => "warning",
        EventSeverity.Error => "error",
    };

    private static void Write(Utf8JsonWriter writer, string name, object? value)
    {
        switch (value)
        {
            case null:
                break;
            case bool truth:
                writer.WriteBoolean(name, truth);
                break;
            case int number:
                writer.WriteNumber(name, number);
                break;
            case long number:
                writer.WriteNumber(name, number);
                break;
            case double number when double.IsFinite(number):
                writer.WriteNumber(name, Math.Round(number, 3));
                break;
            case TimeSpan length:
                // Seconds, as all lengths of time on the wire.
                writer.WriteNumber(name, Math.Round(length.TotalSeconds, 3));
                break;
            case DateTimeOffset moment:
                writer.WriteString(name, moment.ToUniversalTime());
                break;
            default:
                writer.WriteString(
                    name, Clean(name, Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty));
                break;
        }
    }
}
