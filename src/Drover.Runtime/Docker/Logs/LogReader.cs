using System.Net;
using System.Runtime.CompilerServices;
using Drover.Runtime.Docker.Transport;

namespace Drover.Runtime.Docker.Logs;

/// <summary>Reads an open stream of output line by line, each as soon as its end has come.</summary>
internal static class LogReader
{
    /// <summary>From API 1.42 on the engine says when a stream is framed.</summary>
    private const string FramedContent = "application/vnd.docker.multiplexed-stream";
    private const int BufferBytes = 32 * 1024;

    public static async IAsyncEnumerable<LogLine> ReadAsync(
        EngineStream stream,
        bool tty,
        bool timestamps,
        int maxLineBytes,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var demultiplexer = new LogDemultiplexer(tty && stream.ContentType != FramedContent, timestamps, maxLineBytes);
        var lines = new Queue<LogLine>();
        var buffer = new byte[BufferBytes];
        int read;
        do
        {
            read = await stream.ReadAsync(buffer, cancellationToken);
            Add(stream, demultiplexer, buffer.AsSpan(0, read), lines);
            while (lines.TryDequeue(out var line))
            {
                yield return line;
            }

            if (demultiplexer.EngineSaid is { } said)
            {
                throw new DockerApiException(stream.Operation, HttpStatusCode.InternalServerError, said);
            }
        }
        while (read > 0);

        if (demultiplexer.IsInFrame)
        {
            throw stream.BadAnswer("output that ends within a frame");
        }
    }

    private static void Add(
        EngineStream stream, LogDemultiplexer demultiplexer, ReadOnlySpan<byte> bytes, Queue<LogLine> lines)
    {
        try
        {
            if (bytes.IsEmpty)
            {
                demultiplexer.Complete(lines);
            }
            else
            {
                demultiplexer.Add(bytes, lines);
            }
        }
        catch (InvalidDataException exception)
        {
            throw stream.BadAnswer(exception.Message, exception);
        }
    }
}
