using System.Text.Json;
using System.Text.Json.Serialization;
using Drover.Runtime.Files;

namespace Drover.Supervisor.Logs;

/// <summary>
/// Where the bytes of a component are. Every byte it ever wrote has one number for ever, its offset; the byte with
/// offset <c>n</c> stands at <c>n - Base</c> in the live file. This file is also what a rotation intends: after a kill
/// at any point the next start goes on from it.
/// </summary>
internal sealed record LogState
{
    /// <summary>Of a component that was never rotated.</summary>
    public static LogState Initial { get; } = new();

    /// <summary>Offset of the first byte of the live file, in a hole or not.</summary>
    public long Base { get; init; }

    /// <summary>Bytes below are archived; their copy in the live file, while there is one, means nothing.</summary>
    public long Start { get; init; }

    /// <summary>Which file the live one is.</summary>
    public ulong Inode { get; init; }

    /// <summary>How often somebody else emptied or replaced the live file.</summary>
    public int Epoch { get; init; }

    /// <summary>Set from before the front is taken out until that is known to be done.</summary>
    public RotationMark? Mark { get; init; }

    /// <summary>Null where there is none, or none that can be read.</summary>
    public static LogState? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), LogStateJson.Default.LogState);
        }
        catch (Exception failure) when (
            failure is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Durable when it returns.</summary>
    public void Write(string path) =>
        AtomicFile.Write(
            path, JsonSerializer.SerializeToUtf8Bytes(this, LogStateJson.Default.LogState), LogDirectory.FileMode);
}

[JsonSerializable(typeof(LogState))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
internal sealed partial class LogStateJson : JsonSerializerContext;
