using System.Buffers;
using System.Text;

namespace Drover.Supervisor.Logs;

/// <summary>
/// Makes lines of a component's bytes, forward from an offset, over the borders of archives. Memory is bounded by the
/// longest line given whole. Not thread-safe.
/// </summary>
/// <param name="bytes">The component's bytes.</param>
/// <param name="offset">Where to begin.</param>
/// <param name="until">Where they end for this reader, though more may follow.</param>
internal sealed class LogLines(LogBytes bytes, long offset, long until = long.MaxValue)
{
    /// <summary>A longer line comes in parts of this size.</summary>
    public const int MaxLineBytes = 1 << 20;

    private const int BlockBytes = 64 << 10;

    private byte[] _buffer = new byte[BlockBytes];
    private int _begin;
    private int _filled;
    private int _searched;
    private bool _isTorn;

    /// <summary>Where the next line begins.</summary>
    public long Offset { get; private set; } = offset;

    /// <summary>Where the bytes end that were fetched so far.</summary>
    public long Seen => Offset + _filled - _begin;

    /// <summary>True when bytes of a line are there whose end has not come.</summary>
    public bool HasRest => _filled > _begin;

    /// <summary>The next line whose end is there, or part of one that is too long.</summary>
    public bool TryRead(out LogPiece piece)
    {
        do
        {
            var pending = _buffer.AsSpan(_begin, _filled - _begin);
            var end = pending[_searched..].IndexOf((byte)'\n');
            if (end >= 0)
            {
                piece = Take(_searched + end, isPart: false);
                return true;
            }

            _searched = pending.Length;
            if (pending.Length == MaxLineBytes)
            {
                piece = Take(WholeCharacters(pending), isPart: true);
                return true;
            }
        }
        while (Fill());

        if (_isTorn)
        {
            _isTorn = false;
            return TryTakeRest(out piece);
        }

        piece = default;
        return false;
    }

    /// <summary>What stands at the end without a line end.</summary>
    public bool TryTakeRest(out LogPiece piece)
    {
        piece = HasRest ? Take(_filled - _begin, isPart: true) : default;
        return piece.Text is not null;
    }

    /// <summary>Goes on elsewhere; what was fetched and not given is forgotten.</summary>
    public void MoveTo(long position)
    {
        Offset = position;
        (_begin, _filled, _searched) = (0, 0, 0);
    }

    private LogPiece Take(int length, bool isPart)
    {
        var text = _buffer.AsSpan(_begin, length);
        var taken = isPart ? length : length + 1;
        if (!isPart && text.EndsWith("\r"u8))
        {
            text = text[..^1];
        }

        Offset += taken;
        _begin += taken;
        _searched = 0;
        return new LogPiece(Offset, Encoding.UTF8.GetString(text), isPart);
    }

    private bool Fill()
    {
        if (_begin > 0)
        {
            _buffer.AsSpan(_begin, _filled - _begin).CopyTo(_buffer);
            (_begin, _filled) = (0, _filled - _begin);
            if (_buffer.Length > BlockBytes && _filled < BlockBytes)
            {
                Array.Resize(ref _buffer, BlockBytes);
            }
        }

        if (_filled == _buffer.Length)
        {
            Array.Resize(ref _buffer, Math.Min(MaxLineBytes, _buffer.Length * 2));
        }

        var room = Math.Min(_buffer.Length - _filled, until - Offset - _filled);
        if (room <= 0)
        {
            return false;
        }

        var read = bytes.Read(Offset + _filled, _buffer.AsSpan(_filled, (int)room));
        _filled += read;
        return read > 0 || SkipGap();
    }

    /// <summary>An archive that was deleted tears the line that began in the one before it.</summary>
    private bool SkipGap()
    {
        var next = bytes.NextAfterGap(Offset + _filled);
        if (next == Offset + _filled)
        {
            return false;
        }

        if (HasRest)
        {
            _isTorn = true;
            return false;
        }

        MoveTo(next);
        return true;
    }

    private static int WholeCharacters(ReadOnlySpan<byte> text) =>
        Rune.DecodeLastFromUtf8(text, out _, out var incomplete) is OperationStatus.NeedMoreData
            ? text.Length - incomplete
            : text.Length;
}

/// <summary>A line, or part of one.</summary>
/// <param name="End">The offset after it.</param>
/// <param name="Text">Without the line end.</param>
/// <param name="IsPart">True when the line goes on.</param>
internal readonly record struct LogPiece(long End, string Text, bool IsPart);
