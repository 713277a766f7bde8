using System.IO.Pipelines;
using System.Net;
using System.Text;

namespace Drover.Server.Tests.Logs;

/// <summary>A body that is written while it is sent.</summary>
internal sealed class LiveUpload : HttpContent
{
    private readonly Pipe _pipe = new();

    public async Task LineAsync(string line)
    {
        await _pipe.Writer.WriteAsync(Encoding.UTF8.GetBytes(line + "\n"));
    }

    public void Complete() => _pipe.Writer.Complete();

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        try
        {
            while (true)
            {
                var read = await _pipe.Reader.ReadAsync();
                foreach (var part in read.Buffer)
                {
                    await stream.WriteAsync(part);
                }

                await stream.FlushAsync();
                _pipe.Reader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    return;
                }
            }
        }
        catch (Exception exception)
        {
            await _pipe.Reader.CompleteAsync(exception);
            throw;
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
