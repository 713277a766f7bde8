using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Drover.Runtime.Docker.Swarm;

/// <summary>
/// A service whose spec is kept as the engine wrote it. An update replaces the whole spec, and a field of the tasks
/// that comes back in other words (a delay to the nanosecond, an option that is newer than this client) would be a
/// change: Swarm would make all tasks anew. So one number is changed in the text, and the rest is the owner's, byte
/// for byte.
/// </summary>
public sealed class RawService
{
    private readonly Place _replicas;

    private RawService(string id, string name, ObjectVersion version, byte[] spec)
    {
        Id = id;
        Name = name;
        Version = version;
        Spec = spec;
        _replicas = Find(spec);
    }

    /// <summary>Its id.</summary>
    public string Id { get; }

    /// <summary>Its exact name.</summary>
    public string Name { get; }

    /// <summary>What an update must name.</summary>
    public ObjectVersion Version { get; }

    /// <summary>How many tasks it should have; null: it is not of the kind that has a number.</summary>
    public long? Replicas => _replicas.Value;

    /// <summary>The spec, JSON in UTF-8.</summary>
    internal byte[] Spec { get; }

    /// <summary>The same service with another number of tasks.</summary>
    /// <exception cref="InvalidOperationException">It has no number of tasks.</exception>
    public RawService Scaled(long replicas)
    {
        if (_replicas.Value is null)
        {
            throw new InvalidOperationException($"cannot scale service \"{Name}\": it has no number of tasks");
        }

        var written = Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $"{_replicas.Before}{replicas}{_replicas.After}"));
        return new RawService(
            Id, Name, Version, [.. Spec[.._replicas.Start], .. written, .. Spec[_replicas.End..]]);
    }

    /// <summary>Reads the engine's answer; null when it is none.</summary>
    internal static RawService? Of(JsonElement answer) =>
        answer.ValueKind is JsonValueKind.Object
        && answer.TryGetProperty("ID"u8, out var id) && id.ValueKind is JsonValueKind.String
        && answer.TryGetProperty("Version"u8, out var version) && version.ValueKind is JsonValueKind.Object
        && version.TryGetProperty("Index"u8, out var index) && index.TryGetUInt64(out var number)
        && answer.TryGetProperty("Spec"u8, out var spec) && spec.ValueKind is JsonValueKind.Object
            ? new RawService(
                id.GetString()!,
                spec.TryGetProperty("Name"u8, out var name) ? name.GetString() ?? "" : "",
                new ObjectVersion(number),
                Encoding.UTF8.GetBytes(spec.GetRawText()))
            : null;

    private static Place Find(byte[] spec)
    {
        var reader = new Utf8JsonReader(spec);
        reader.Read();
        if (!Enter(ref reader, "Mode"u8) || !Enter(ref reader, "Replicated"u8)
            || reader.TokenType is not JsonTokenType.StartObject)
        {
            return default;
        }

        var inside = (int)reader.BytesConsumed;
        var isEmpty = reader;
        isEmpty.Read();
        if (Enter(ref reader, "Replicas"u8))
        {
            return reader.TokenType is JsonTokenType.Number && reader.TryGetInt64(out var replicas)
                ? new Place((int)reader.TokenStartIndex, (int)reader.BytesConsumed, replicas, "", "")
                : default;
        }

        // Left out, it means one.
        return new Place(
            inside, inside, 1, "\"Replicas\":", isEmpty.TokenType is JsonTokenType.EndObject ? "" : ",");
    }

    /// <summary>Goes to the value of a property of the object that the reader stands at.</summary>
    private static bool Enter(ref Utf8JsonReader reader, ReadOnlySpan<byte> name)
    {
        if (reader.TokenType is not JsonTokenType.StartObject)
        {
            return false;
        }

        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var isIt = reader.ValueTextEquals(name);
            reader.Read();
            if (isIt)
            {
                return true;
            }

            reader.Skip();
        }

        return false;
    }

    /// <summary>Where the number stands, or would.</summary>
    private readonly record struct Place(int Start, int End, long? Value, string Before, string After);
}
