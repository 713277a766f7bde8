using System.Runtime.CompilerServices;
using System.Text;

namespace Drover.Wire.Client;

/// <summary>
/// Reads server-sent events as the HTML standard defines them (section 9.2.6): LF, CR or CRLF line ends, comments and
/// unknown fields ignored, an event without its blank line at the end dropped. Lines and events are bounded.
/// </summary>
internal static class SseReader
{
    private const int MaxLine = 4 << 20;
    private const string DefaultEvent = "message";

    /// <summary>The events of a stream until it ends.</summary>
    /// <param name="stream">The body of the answer.</param>
    /// <param name="onId">
    /// Told an id that came without an event: the standard has the reader resume after it all the same.
    /// </param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="InvalidDataException">A line is longer than 4 MiB.</exception>
    public static async IAsyncEnumerable<SseFrame> ReadAsync(
        Stream stream, Action<string>? onId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var lines = new Lines(stream);
        var data = new StringBuilder();
        var hasData = false;
        var hasId = false;
        string? id = null;
        var name = DefaultEvent;
        while (await lines.NextAsync(cancellationToken).ConfigureAwait(false) is { } line)
        {
            if (line.Length == 0)
            {
                if (hasData)
                {
                    yield return new SseFrame(id, name, data.ToString());
                }
                else if (hasId && !string.IsNullOrEmpty(id))
                {
                    onId?.Invoke(id);
                }

                data.Clear();
                hasData = false;
                hasId = false;
                name = DefaultEvent;
                continue;
            }

            var (field, value) = Split(line);
            switch (field)
            {
                case "data":
                    data.Append(hasData ? "\n" : "").Append(value);
                    hasData = true;
                    Require(data.Length <= MaxLine);
                    break;
                case "event":
                    name = value;
                    break;
                case "id" when !value.Contains('\0', StringComparison.Ordinal):
                    id = value;
                    hasId = true;
                    break;
            }
        }
    }

    private static (string Field, string Value) Split(string line)
    {
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
        {
            return (line, "");
        }

        var value = line[(colon + 1)..];
        return (line[..colon], value.StartsWith(' ') ? value[1..] : value);
    }

    private static void Require(bool holds)
    {
        if (!holds)
        {
            throw new InvalidDataException("the stream of events has a line of more than 4 MiB");
        }
    }

    /// <summary>Lines ended by LF, CR or CRLF; what follows the last line end is dropped.</summary>
    private sealed class Lines(Stream stream) : IDisposable
    {
        private readonly StreamReader _reader = new(stream, Encoding.UTF8);
        private readonly char[] _buffer = new char[4096];
        private readonly StringBuilder _line = new();
        private int _at;
        private int _filled;
        private bool _afterReturn;

        public void Dispose() => _reader.Dispose();

        public async Task<string?> NextAsync(CancellationToken cancellationToken)
        {
            while (true)
            {
                while (_at < _filled)
                {
                    var next = _buffer[_at++];
                    if (next == '\n' && _afterReturn)
                    {
                        _afterReturn = false;
                        continue;
                    }

                    _afterReturn = next == '\r';
                    if (next is '\n' or '\r')
                    {
                        var line = _line.ToString();
                        _line.Clear();
                        return line;
                    }

                    _line.Append(next);
                    Require(_line.Length <= MaxLine);
                }

                _at = 0;
                _filled = await _reader.ReadAsync(_buffer, cancellationToken).ConfigureAwait(false);
                if (_filled == 0)
                {
                    return null;
                }
            }
        }
    }
}
