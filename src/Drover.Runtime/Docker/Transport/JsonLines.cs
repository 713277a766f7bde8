using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Drover.Runtime.Docker.Transport;

/// <summary>Reads a body of JSON values, one a line, each given as soon as its line is whole.</summary>
internal static class JsonLines
{
    private const int InitialBytes = 16 * 1024;

    public static async IAsyncEnumerable<T> ReadAsync<T>(
        EngineStream stream,
        JsonTypeInfo<T> type,
        int maxLineBytes,
        [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class
    {
        var buffer = new byte[InitialBytes];
        var filled = 0;
        while (true)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(filled), cancellationToken);
            var searched = filled;
            filled += read;
            var start = 0;
            int end;
            while ((end = buffer.AsSpan(searched, filled - searched).IndexOf((byte)'\n')) >= 0)
            {
                var line = buffer.AsMemory(start, searched + end - start);
                start = searched = searched + end + 1;
                if (Parse(stream, type, line.Span) is { } value)
                {
                    yield return value;
                }
            }

            if (read is 0)
            {
                if (Parse(stream, type, buffer.AsSpan(start, filled - start)) is { } last)
                {
                    yield return last;
                }

                yield break;
            }

            buffer.AsSpan(start, filled - start).CopyTo(buffer);
            filled -= start;
            buffer = filled < buffer.Length ? buffer : Grown(stream, buffer, maxLineBytes);
        }
    }

    private static byte[] Grown(EngineStream stream, byte[] buffer, int maxLineBytes)
    {
        if (buffer.Length >= maxLineBytes)
        {
            throw stream.BadAnswer($"a message is larger than {maxLineBytes} bytes");
        }

        Array.Resize(ref buffer, Math.Min(buffer.Length * 2, maxLineBytes));
        return buffer;
    }

    private static T? Parse<T>(EngineStream stream, JsonTypeInfo<T> type, ReadOnlySpan<byte> line)
        where T : class
    {
        var text = line.Trim(" \r\t"u8);
        if (text.IsEmpty)
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(text, type);
        }
        catch (JsonException exception)
        {
            throw stream.BadAnswer("a message that is not JSON", exception);
        }
    }
}
