using System.Net;
using System.Text;
using System.Threading.Channels;

namespace Drover.Gateway.Tests.Rig;

/// <summary>A request's body that a test sends piece by piece.</summary>
internal sealed class HandFedContent : HttpContent, IAsyncDisposable
{
    private readonly Channel<byte[]> _pieces = Channel.CreateUnbounded<byte[]>();

    public ValueTask FeedAsync(string text) => _pieces.Writer.WriteAsync(Encoding.ASCII.GetBytes(text));

    public void Finish() => _pieces.Writer.TryComplete();

    public ValueTask DisposeAsync()
    {
        Finish();
        Dispose();
        return ValueTask.CompletedTask;
    }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await foreach (var piece in _pieces.Reader.ReadAllAsync())
        {
            await stream.WriteAsync(piece);
            await stream.FlushAsync();
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
