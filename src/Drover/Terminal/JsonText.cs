using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Drover.Terminal;

/// <summary>
/// What <c>--output json</c> prints: the wire's items as they are, a list as one indented array, a stream as one object
/// a line.
/// </summary>
internal static class JsonText
{
    private static readonly JsonWriterOptions Indented =
        new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonWriterOptions OneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>One object in one line, its members written by the caller.</summary>
    public static void WriteObjectLine(Screen screen, Action<Utf8JsonWriter> members) => Write(screen, OneLine, json =>
    {
        json.WriteStartObject();
        members(json);
        json.WriteEndObject();
    });

    public static void WriteList<T>(Screen screen, IEnumerable<T> items, JsonTypeInfo<T> type) =>
        Write(screen, Indented, json =>
        {
            json.WriteStartArray();
            foreach (var item in items)
            {
                JsonSerializer.Serialize(json, item, type);
            }

            json.WriteEndArray();
        });

    public static void WriteOne<T>(Screen screen, T item, JsonTypeInfo<T> type) =>
        Write(screen, Indented, json => JsonSerializer.Serialize(json, item, type));

    public static void WriteLine<T>(Screen screen, T item, JsonTypeInfo<T> type) =>
        Write(screen, OneLine, json => JsonSerializer.Serialize(json, item, type));

    public static void WriteObject(Screen screen, Action<Utf8JsonWriter> members) => Write(screen, Indented, json =>
    {
        json.WriteStartObject();
        members(json);
        json.WriteEndObject();
    });

    private static void Write(Screen screen, JsonWriterOptions options, Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, options))
        {
            write(json);
        }

        screen.Out.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
    }
}
