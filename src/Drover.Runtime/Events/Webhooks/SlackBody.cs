using System.Buffers;
using System.Text;
using System.Text.Json;
using Drover.Core.Events;
using Drover.Wire.People;

namespace Drover.Runtime.Events.Webhooks;

/// <summary>
/// An event as a message for an incoming webhook of Slack (and of Mattermost and Rocket.Chat, which take the same):
/// how bad it is, what it is about, a sentence, and what is known. Nothing in an event can mention people, make links
/// or lay out the message. Pure. Source: https://docs.slack.dev/messaging/formatting-message-text/
/// </summary>
internal static class SlackBody
{
    internal const string ContentType = "application/json; charset=utf-8";

    /// <summary>Slack advises against more than 4,000 characters and cuts far above.</summary>
    private const int LongestText = 3000;

    private const int LongestValue = 500;

    internal static byte[] Of(EventDto one)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("text", Text(one));
            writer.WriteBoolean("unfurl_links", false);
            writer.WriteBoolean("unfurl_media", false);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    internal static string Text(EventDto one)
    {
        var text = new StringBuilder();
        text.Append(SignOf(one.Severity)).Append(" *").Append(Escape(one.Subject ?? one.Source)).Append("* ")
            .Append(Escape(one.Type)).Append(" (").Append(Escape(one.Severity)).Append(")\n")
            .Append(Escape(EventTypes.Find(one.Type)?.Meaning ?? "An event of another version."));
        foreach (var (name, value) in Fields(one.Data))
        {
            var line = $"\n• {Escape(name)}: {Escape(value)}";
            if (text.Length + line.Length > LongestText)
            {
                break;
            }

            text.Append(line);
        }

        return text.Append("\n_").Append(Escape(one.Source)).Append(' ')
            .Append(one.Time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", null)).Append('_').ToString();
    }

    private static IEnumerable<(string Name, string Value)> Fields(JsonElement? data)
    {
        if (data is not { ValueKind: JsonValueKind.Object } fields)
        {
            yield break;
        }

        foreach (var field in fields.EnumerateObject())
        {
            var value = field.Value.ValueKind == JsonValueKind.String
                ? field.Value.GetString()!
                : field.Value.GetRawText();
            yield return (field.Name, value.Length > LongestValue ? value[..LongestValue] + "…" : value);
        }
    }

    /// <summary>
    /// The three characters with a meaning become entities, which undoes mentions and links; marks of layout stand
    /// behind a joiner of no width, which undoes them; ends of lines become spaces.
    /// </summary>
    private static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '&' => escaped.Append("&amp;"),
                '<' => escaped.Append("&lt;"),
                '>' => escaped.Append("&gt;"),
                '*' or '_' or '~' or '`' => escaped.Append('\u2060').Append((char)rune.Value).Append('\u2060'),
                _ when Rune.IsControl(rune) || rune.Value is 0x2028 or 0x2029 => escaped.Append(' '),
                _ => escaped.Append(rune.ToString()),
            };
        }

        return escaped.ToString();
    }

    private static string SignOf(string severity) => severity switch
    {
        "error" => ":red_circle:",
        "warning" => ":large_yellow_circle:",
        _ => ":large_green_circle:",
    };
}
