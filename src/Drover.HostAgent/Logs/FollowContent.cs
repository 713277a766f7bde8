using System.Net;

namespace Drover.HostAgent.Logs;

/// <summary>
/// The body of a log upload: written while the request runs, one JSON object a line. Writing waits for the network,
/// so a slow server slows the reading of the log and fills no memory.
/// </summary>
internal sealed class FollowContent : HttpContent
{
    private readonly Func<Stream, CancellationToken, Task> _write;

    /// <param name="write">Writes the whole body.</param>
    public FollowContent(Func<Stream, CancellationToken, Task> write)
    {
        _write = write;
        Headers.ContentType = new("application/x-ndjson");
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        _write(stream, CancellationToken.None);

    protected override Task SerializeToStreamAsync(
        Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        _write(stream, cancellationToken);

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
