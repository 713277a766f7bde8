using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Drover.Runtime.Configuration;

/// <summary>The JSON Schema that editors check drover.yaml with, from the same declarations that read it.</summary>
public static class ConfigSchema
{
    private static readonly JsonWriterOptions Indented =
        new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" };

    /// <summary>The schema as indented JSON with a last newline.</summary>
    public static string Write(ConfigSection root)
    {
        ArgumentNullException.ThrowIfNull(root);
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Indented))
        {
            json.WriteStartObject();
            json.WriteString("$schema", "https://json-schema.org/draft/2020-12/schema");
            json.WriteString("title", "drover.yaml");
            WriteSection(json, root);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.ToArray()) + "\n";
    }

    /// <summary>The members of a section's schema but for its description.</summary>
    internal static void WriteMembers(Utf8JsonWriter json, ConfigSection section)
    {
        json.WriteStartArray("type");
        json.WriteStringValue("object");
        json.WriteStringValue("null");
        json.WriteEndArray();
        json.WriteBoolean("additionalProperties", false);
        json.WriteStartObject("properties");
        foreach (var key in section.Keys)
        {
            json.WriteStartObject(key.Name);
            key.WriteSchema(json);
            json.WriteEndObject();
        }

        foreach (var inner in section.Sections)
        {
            json.WriteStartObject(inner.Name);
            WriteSection(json, inner);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        WritePresence(json, section);
    }

    private static void WriteSection(Utf8JsonWriter json, ConfigSection section)
    {
        json.WriteString("description", section.Meaning);
        WriteMembers(json, section);
    }

    private static void WritePresence(Utf8JsonWriter json, ConfigSection section)
    {
        if (section.Keys.Any(key => key.IsRequired))
        {
            WriteRequired(json, section.Keys.Where(key => key.IsRequired));
        }

        if (section.Choice is { } choice)
        {
            json.WriteStartArray("oneOf");
            foreach (var key in choice)
            {
                json.WriteStartObject();
                WriteRequired(json, [key]);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }
    }

    private static void WriteRequired(Utf8JsonWriter json, IEnumerable<ConfigKey> keys)
    {
        json.WriteStartArray("required");
        foreach (var key in keys)
        {
            json.WriteStringValue(key.Name);
        }

        json.WriteEndArray();
    }
}
