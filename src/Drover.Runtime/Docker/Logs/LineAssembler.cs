using System.Buffers;
using System.Text;

namespace Drover.Runtime.Docker.Logs;

/// <summary>
/// Makes lines of the bytes of one stream, however they were cut up on the way. Memory is bounded by the longest line
/// allowed.
/// </summary>
/// <remarks>
/// The engine stores a long line as pieces of 16 KiB and, with timestamps on, puts one before every piece, not before
/// every line (moby daemon/logger/copier.go, api/server/httputils/write_log_stream.go). Those inside a line are taken
/// out here.
/// </remarks>
internal sealed class LineAssembler
{
    private const int EnginePieceBytes = 16 * 1024;
    private const int LongestTimestamp = 36;
    private const int KeptBufferBytes = 64 * 1024;
    private const int InitialBufferBytes = 512;

    private readonly LogSource _stream;
    private readonly bool _timestamps;
    private readonly bool _tty;
    private readonly int _maxLineBytes;
    private readonly byte[] _prefix = new byte[LongestTimestamp];
    private byte[] _line = new byte[InitialBufferBytes];
    private int _prefixLength;
    private int _length;
    private int _pieceBytes;
    private bool _inPrefix;
    private bool _isOpen;
    private bool _isCut;
    private EngineTimestamp? _timestamp;
    private string? _timestampText;

    public LineAssembler(LogSource stream, bool timestamps, bool tty, int maxLineBytes)
    {
        _stream = stream;
        _timestamps = timestamps;
        _tty = tty;
        // A terminal ends its lines with two characters; the first is held with the line until the second
        // tells what it was.
        _maxLineBytes = tty ? maxLineBytes + 1 : maxLineBytes;
        _inPrefix = timestamps;
    }

    /// <summary>Tells that a new frame begins: the engine writes one for each piece, so a timestamp may stand
    /// here.</summary>
    public void BeginPiece()
    {
        _inPrefix = _timestamps;
        _pieceBytes = 0;
    }

    public void Add(ReadOnlySpan<byte> bytes, Queue<LogLine> lines)
    {
        while (!bytes.IsEmpty)
        {
            bytes = _inPrefix ? AddToPrefix(bytes) : AddToLine(bytes, lines);
        }
    }

    /// <summary>Gives what stands at the end without a line end.</summary>
    public void Complete(Queue<LogLine> lines)
    {
        EndPrefix(isTimestamp: false);
        if (_isOpen)
        {
            Emit(lines);
        }
    }

    private ReadOnlySpan<byte> AddToPrefix(ReadOnlySpan<byte> bytes)
    {
        var next = bytes[0];
        if (next is (byte)' ')
        {
            return EndPrefix(isTimestamp: true) ? bytes[1..] : bytes;
        }

        if (next is (byte)'\n' || _prefixLength == LongestTimestamp)
        {
            EndPrefix(isTimestamp: false);
            return bytes;
        }

        _prefix[_prefixLength++] = next;
        return bytes[1..];
    }

    /// <summary>Takes the collected characters as this piece's timestamp if they are one, else as text.</summary>
    private bool EndPrefix(bool isTimestamp)
    {
        var prefix = _prefix.AsSpan(0, _prefixLength);
        _prefixLength = 0;
        _inPrefix = false;
        var text = isTimestamp ? Encoding.UTF8.GetString(prefix) : "";
        if (!EngineTimestamp.TryParse(text, out var timestamp))
        {
            Append(prefix);
            return false;
        }

        if (!_isOpen)
        {
            (_timestamp, _timestampText) = (timestamp, text);
            _isOpen = true;
        }

        return true;
    }

    private ReadOnlySpan<byte> AddToLine(ReadOnlySpan<byte> bytes, Queue<LogLine> lines)
    {
        var end = bytes.IndexOf((byte)'\n');
        var text = end < 0 ? bytes : bytes[..end];
        if (_tty && _timestamps && text.Length > EnginePieceBytes - _pieceBytes)
        {
            // A terminal's stream has no frames: only counting tells where the engine began its next piece.
            text = bytes[..(EnginePieceBytes - _pieceBytes)];
            Append(text);
            BeginPiece();
            return bytes[text.Length..];
        }

        Append(text);
        _pieceBytes += text.Length;
        if (end < 0)
        {
            return [];
        }

        _isOpen = true;
        Emit(lines);
        return bytes[(end + 1)..];
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        _isOpen = true;
        var taken = Math.Min(bytes.Length, _maxLineBytes - _length);
        _isCut |= taken < bytes.Length;
        if (_length + taken > _line.Length)
        {
            Array.Resize(ref _line, Math.Min(_maxLineBytes, Math.Max(_line.Length * 2, _length + taken)));
        }

        bytes[..taken].CopyTo(_line.AsSpan(_length));
        _length += taken;
    }

    private void Emit(Queue<LogLine> lines)
    {
        var text = _line.AsSpan(0, _length);
        if (_tty && (text.EndsWith("\r"u8) || text.Length == _maxLineBytes))
        {
            _isCut |= text[^1] is not (byte)'\r';
            text = text[..^1];
        }

        if (_isCut && Rune.DecodeLastFromUtf8(text, out _, out var incomplete) is not OperationStatus.Done)
        {
            text = text[..^incomplete];
        }

        lines.Enqueue(new LogLine(_stream, Encoding.UTF8.GetString(text), _timestamp, _timestampText, _isCut));
        _length = 0;
        _isCut = false;
        _isOpen = false;
        (_timestamp, _timestampText) = (null, null);
        if (_line.Length > KeptBufferBytes)
        {
            _line = new byte[InitialBufferBytes];
        }

        BeginPiece();
    }
}
