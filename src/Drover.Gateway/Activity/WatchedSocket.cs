using System.Buffers.Binary;
using System.Text;

namespace Drover.Gateway.Activity;

/// <summary>
/// A client's WebSocket on its way through: messages in either direction are activity of the agent, pings, pongs and
/// closes are none. It can be closed from here with a close frame, which stands between two frames of the agent's. The
/// client's own close then goes on to the agent, so that both sides hear of it. Owns the order of writes to the client.
/// </summary>
/// <param name="client">The connection to the client.</param>
/// <param name="activity">Whose activity messages are.</param>
/// <param name="onOctets">Called for whatever passes, pings too.</param>
internal sealed class WatchedSocket(Stream client, AgentActivity activity, Action onOctets) : Stream
{
    private const byte FinalClose = 0x88;

    private readonly SemaphoreSlim _writing = new(1, 1);
    private FrameReader _fromClient;
    private FrameReader _toClient;
    private byte[]? _close;
    private bool _isClosed;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>
    /// Tells the client that the connection ends, as soon as no frame is half sent; what the agent says after it is not
    /// sent any more. Nothing where a close is under way already.
    /// </summary>
    /// <param name="code">RFC 6455, section 7.4.1: 1001 for going away.</param>
    /// <param name="reason">At most 123 octets.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task CloseAsync(int code, string reason, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            _close ??= FrameOf(code, reason);
            await CloseBetweenFramesAsync(cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await client.ReadAsync(buffer, cancellationToken);
        onOctets();
        if (_fromClient.Read(buffer.Span[..read]) > 0)
        {
            activity.Touch();
        }

        return read;
    }

    public override async ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            if (_isClosed)
            {
                return;
            }

            if (_close is not null)
            {
                // The frame that is half sent is sent to its end, and no other.
                buffer = buffer[.._toClient.ReadToEndOfFrame(buffer.Span)];
            }
            else if (_toClient.Read(buffer.Span) > 0)
            {
                activity.Touch();
            }

            await client.WriteAsync(buffer, cancellationToken);
            onOctets();
            await CloseBetweenFramesAsync(cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => client.FlushAsync(cancellationToken);

    public override void Flush() => throw new NotSupportedException();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            client.Dispose();
            _writing.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task CloseBetweenFramesAsync(CancellationToken cancellationToken)
    {
        if (_close is null || _isClosed || _toClient.HasClosed || !_toClient.IsBetweenFrames)
        {
            return;
        }

        _isClosed = true;
        await client.WriteAsync(_close, cancellationToken);
        await client.FlushAsync(cancellationToken);
    }

    private static byte[] FrameOf(int code, string reason)
    {
        var text = Encoding.UTF8.GetBytes(reason);
        var frame = new byte[4 + text.Length];
        frame[0] = FinalClose;
        frame[1] = (byte)(2 + text.Length);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)code);
        text.CopyTo(frame, 4);
        return frame;
    }
}
