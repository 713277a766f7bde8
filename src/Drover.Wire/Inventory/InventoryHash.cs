using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Drover.Wire.Inventory;

/// <summary>
/// The digest by which agent and server know that they hold the same inventory: the first 16 bytes of SHA-256 over the
/// sorted lines <c>dockerId hex(SHA-256(container JSON without status))</c>, each ended by a newline.
/// Container JSON is canonical here: compact, names sorted ordinally at every depth, the container's own nulls left
/// out, no escapes beyond those JSON needs.
/// </summary>
public static class InventoryHash
{
    /// <summary>Hash of an inventory without containers.</summary>
    public static readonly string Empty = Of([]);

    private static readonly JsonWriterOptions Canonical =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Hex SHA-256 of one container's canonical JSON without <c>status</c>.</summary>
    public static string Digest(JsonElement container)
    {
        var buffer = new ArrayBufferWriter<byte>(2048);
        using (var writer = new Utf8JsonWriter(buffer, Canonical))
        {
            Write(writer, container, isContainer: true);
        }

        return Convert.ToHexStringLower(SHA256.HashData(buffer.WrittenSpan));
    }

    /// <summary>Hash of a whole inventory from each container's docker id and <see cref="Digest"/>.</summary>
    /// <returns>32 lower-case hex digits.</returns>
    public static string Of(IEnumerable<KeyValuePair<string, string>> digestsById)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (id, digest) in digestsById.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{id} {digest}\n"));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));
    }

    private static void Write(Utf8JsonWriter writer, JsonElement element, bool isContainer)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var property in element.EnumerateObject()
                    .OrderBy(property => property.Name, StringComparer.Ordinal))
                {
                    // A port that is not published is a null that means something; only the container's own nulls are
                    // absent.
                    var skipped = isContainer
                        && (property.NameEquals("status") || property.Value.ValueKind is JsonValueKind.Null);
                    if (!skipped)
                    {
                        writer.WritePropertyName(property.Name);
                        Write(writer, property.Value, isContainer: false);
                    }
                }

                writer.WriteEndObject();
                break;

            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in element.EnumerateArray())
                {
                    Write(writer, item, isContainer: false);
                }

                writer.WriteEndArray();
                break;

            default:
                element.WriteTo(writer);
                break;
        }
    }
}
