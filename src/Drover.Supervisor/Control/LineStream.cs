using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Drover.Supervisor.Control;

/// <summary>
/// JSON objects, one a line, over a stream. A line longer than the limit ends the conversation instead of filling the
/// memory. One reader and one writer at a time.
/// </summary>
internal sealed class LineStream(Stream stream, int limit) : IAsyncDisposable
{
    private const int FirstSize = 4096;

    private byte[] _buffer = new byte[Math.Min(FirstSize, limit)];
    private int _start;
    private int _end;

    /// <summary>The next line as a value; null at the end of the stream.</summary>
    /// <exception cref="JsonException">The line is not what was expected.</exception>
    /// <exception cref="InvalidDataException">The line is longer than allowed.</exception>
    internal async ValueTask<T?> ReadAsync<T>(JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        var searched = _start;
        while (true)
        {
            var at = _buffer.AsSpan(searched, _end - searched).IndexOf((byte)'\n');
            if (at >= 0)
            {
                var line = _buffer.AsMemory(_start, searched + at - _start);
                _start = searched + at + 1;
                return JsonSerializer.Deserialize(line.Span, type)
                    ?? throw new JsonException("the line says null");
            }

            searched = MakeRoom();
            var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            if (read == 0)
            {
                return null;
            }

            _end += read;
        }
    }

    /// <summary>Writes the value as one line.</summary>
    internal async ValueTask WriteAsync<T>(T value, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(value, type);
        Array.Resize(ref json, json.Length + 1);
        json[^1] = (byte)'\n';
        await stream.WriteAsync(json, cancellationToken);
    }

    /// <summary>
    /// Returns when the other side has closed its end, or broken the custom of saying nothing more; nothing is read
    /// afterwards.
    /// </summary>
    internal async Task WaitForEndAsync(CancellationToken cancellationToken) =>
        _ = await stream.ReadAsync(new byte[1], cancellationToken);

    public ValueTask DisposeAsync() => stream.DisposeAsync();

    /// <summary>Returns where the search for the end of the line goes on.</summary>
    private int MakeRoom()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length)
        {
            if (_buffer.Length >= limit)
            {
                throw new InvalidDataException($"a line is longer than {limit} bytes");
            }

            Array.Resize(ref _buffer, Math.Min(_buffer.Length * 2, limit));
        }

        return _end;
    }
}
