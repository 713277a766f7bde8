namespace Drover.Gateway.ColdStart;

/// <summary>The body of an answer, passed on as it comes, with a copy of it as long as it is small.</summary>
internal sealed class CopiedStream(Stream inner, int most) : Stream
{
    private MemoryStream? _copy = new();

    /// <summary>Where it goes.</summary>
    public Stream Inner => inner;

    /// <summary>All that passed; null when it was too much.</summary>
    public byte[]? Written => _copy?.ToArray();

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_copy is not null && _copy.Length + buffer.Length <= most)
        {
            _copy.Write(buffer.Span);
        }
        else
        {
            _copy = null;
        }

        return inner.WriteAsync(buffer, cancellationToken);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override void Flush() => throw new NotSupportedException();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
