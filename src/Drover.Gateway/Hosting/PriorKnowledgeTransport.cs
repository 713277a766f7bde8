using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Drover.Gateway.Hosting;

/// <summary>Where connections go that begin with the preface of HTTP/2; nothing connects to it from outside.</summary>
internal sealed class PriorKnowledgeEndPoint : EndPoint
{
    public const string Name = "h2c-prior-knowledge";

    public static readonly PriorKnowledgeEndPoint Instance = new();

    public override string ToString() => $"http://{Name}";
}

/// <summary>
/// HTTP/1.1 and HTTP/2 without TLS on one port. The server takes a listener without TLS for HTTP/1.1, as nothing says
/// what is spoken; so each connection's first bytes are looked at, and one that begins with the preface of HTTP/2
/// (RFC 9113, section 3.4) is handed to a listener of HTTP/2 within the process. Owns the queue between the two.
/// </summary>
internal sealed class PriorKnowledgeTransport
    : IConnectionListenerFactory, IConnectionListenerFactorySelector, IConnectionListener
{
    private const int MostWaiting = 1024;

    private readonly Channel<ConnectionContext> _accepted = Channel.CreateBounded<ConnectionContext>(MostWaiting);

    private static ReadOnlySpan<byte> Preface => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;

    public EndPoint EndPoint => PriorKnowledgeEndPoint.Instance;

    /// <summary>Looks at the connections of a listener; silent ones are given up after a while.</summary>
    public void Watch(ListenOptions listener, TimeSpan patience, TimeProvider time) =>
        listener.Use(next => connection => ServeAsync(connection, next, patience, time));

    public bool CanBind(EndPoint endpoint) => endpoint is PriorKnowledgeEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IConnectionListener>(this);

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _accepted.Reader.WaitToReadAsync(cancellationToken))
        {
            if (_accepted.Reader.TryRead(out var connection))
            {
                return connection;
            }
        }

        return null;
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _accepted.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => UnbindAsync();

    private async Task ServeAsync(
        ConnectionContext connection, ConnectionDelegate next, TimeSpan patience, TimeProvider time)
    {
        bool isHttp2;
        try
        {
            using var limit = new CancellationTokenSource(patience, time);
            isHttp2 = await BeginsWithPrefaceAsync(connection.Transport.Input, limit.Token);
        }
        catch (OperationCanceledException)
        {
            connection.Abort(new ConnectionAbortedException("The connection said nothing."));
            return;
        }
        catch (IOException)
        {
            // Reset before its first byte.
            return;
        }

        if (!isHttp2)
        {
            await next(connection);
            return;
        }

        var handed = new HandedConnection(connection);
        if (!_accepted.Writer.TryWrite(handed))
        {
            connection.Abort(new ConnectionAbortedException("The gateway ends, or too many connections come at once."));
            return;
        }

        await handed.Ended;
    }

    private static async ValueTask<bool> BeginsWithPrefaceAsync(PipeReader input, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await input.ReadAsync(cancellationToken);
            var matches = Compare(read.Buffer);
            if (matches is not null || read.IsCompleted || read.IsCanceled)
            {
                // Nothing is taken: whoever serves the connection reads from its first byte.
                input.AdvanceTo(read.Buffer.Start);
                return matches is true;
            }

            input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    /// <summary>Null while so few bytes came that it can be either.</summary>
    private static bool? Compare(ReadOnlySequence<byte> buffer)
    {
        Span<byte> begin = stackalloc byte[Preface.Length];
        var length = (int)Math.Min(buffer.Length, begin.Length);
        buffer.Slice(0, length).CopyTo(begin);
        return !Preface[..length].SequenceEqual(begin[..length]) ? false
            : length == Preface.Length ? true
            : null;
    }
}
