using System.Buffers.Binary;
using System.Text;

namespace Drover.Runtime.Docker.Logs;

/// <summary>
/// Takes apart the engine's framed output: eight bytes (stream, three zeros, big-endian length) before each piece.
/// A container with a terminal has no frames; then all bytes are its one stream.
/// </summary>
internal sealed class LogDemultiplexer
{
    private const int HeaderBytes = 8;
    private const int MaxErrorBytes = 4096;
    private const byte Stdin = 0;
    private const byte Stdout = 1;
    private const byte Stderr = 2;
    private const byte EngineError = 3;

    private readonly bool _framed;
    private readonly LineAssembler _stdout;
    private readonly LineAssembler _stderr;
    private readonly byte[] _header = new byte[HeaderBytes];
    private readonly StringBuilder _error = new();
    private int _headerFilled;
    private long _left;

    public LogDemultiplexer(bool tty, bool timestamps, int maxLineBytes)
    {
        _framed = !tty;
        _stdout = new LineAssembler(LogSource.Stdout, timestamps, tty, maxLineBytes);
        _stderr = new LineAssembler(LogSource.Stderr, timestamps, tty, maxLineBytes);
    }

    /// <summary>What the engine itself reported inside the stream, once it is whole.</summary>
    public string? EngineSaid { get; private set; }

    /// <summary>True when a frame has begun and not ended.</summary>
    public bool IsInFrame => _headerFilled > 0 || _left > 0;

    /// <exception cref="InvalidDataException">The bytes are not framed output.</exception>
    public void Add(ReadOnlySpan<byte> bytes, Queue<LogLine> lines)
    {
        if (!_framed)
        {
            _stdout.Add(bytes, lines);
            return;
        }

        while (!bytes.IsEmpty)
        {
            if (_left is 0)
            {
                var taken = Math.Min(bytes.Length, HeaderBytes - _headerFilled);
                bytes[..taken].CopyTo(_header.AsSpan(_headerFilled));
                _headerFilled += taken;
                bytes = bytes[taken..];
                if (_headerFilled is HeaderBytes)
                {
                    BeginFrame();
                }

                continue;
            }

            var payload = bytes[..(int)Math.Min(bytes.Length, _left)];
            _left -= payload.Length;
            bytes = bytes[payload.Length..];
            AddPayload(payload, lines);
        }
    }

    public void Complete(Queue<LogLine> lines)
    {
        _stdout.Complete(lines);
        _stderr.Complete(lines);
    }

    private void BeginFrame()
    {
        _headerFilled = 0;
        if (_header[0] > EngineError || (_header[1] | _header[2] | _header[3]) != 0)
        {
            throw new InvalidDataException("output that is not framed (is it a container with a terminal?)");
        }

        _left = BinaryPrimitives.ReadUInt32BigEndian(_header.AsSpan(4));
        if (_header[0] is not EngineError)
        {
            Current.BeginPiece();
        }
    }

    private LineAssembler Current => _header[0] switch
    {
        Stdin or Stdout => _stdout,
        Stderr => _stderr,
        var other => throw new InvalidDataException($"output on an unknown stream {other}"),
    };

    private void AddPayload(ReadOnlySpan<byte> payload, Queue<LogLine> lines)
    {
        if (_header[0] is not EngineError)
        {
            Current.Add(payload, lines);
            return;
        }

        _error.Append(Encoding.UTF8.GetString(payload[..Math.Min(payload.Length, MaxErrorBytes)]));
        if (_left is 0 || _error.Length > MaxErrorBytes)
        {
            EngineSaid = _error.ToString().Trim();
        }
    }
}
