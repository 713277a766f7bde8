using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace Drover.Runtime.Events;

/// <summary>
/// Writes server-sent events to a response. Every call flushes, so that the reader sees it at once.
/// Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
/// </summary>
public sealed class ServerSentEvents(PipeWriter writer)
{
    /// <summary>Content type of the stream.</summary>
    public const string ContentType = "text/event-stream";

    /// <summary>A comment this often proves to both sides and all between that the connection lives.</summary>
    public static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    /// <summary>Buffers one event; <paramref name="data"/> is one line.</summary>
    public void Add(string? id, string type, ReadOnlySpan<byte> data)
    {
        if (id is not null)
        {
            Field("id: ", id);
        }

        Field("event: ", type);
        writer.Write("data: "u8);
        writer.Write(data);
        writer.Write("\n\n"u8);
    }

    /// <summary>
    /// Buffers an id without an event: the reader is told nothing and resumes after this id when it comes again.
    /// </summary>
    public void AddId(string id) => Field("id: ", id + "\n");

    /// <summary>Buffers a comment, which readers ignore.</summary>
    public void AddComment(string text) => Field(": ", text + "\n");

    /// <summary>Sends what is buffered. False when nobody reads any more.</summary>
    public async Task<bool> FlushAsync(CancellationToken cancellationToken)
    {
        var result = await writer.FlushAsync(cancellationToken);
        return !result.IsCompleted && !result.IsCanceled;
    }

    private void Field(string name, string value)
    {
        Encoding.UTF8.GetBytes(name, writer);
        Encoding.UTF8.GetBytes(value, writer);
        writer.Write("\n"u8);
    }
}
