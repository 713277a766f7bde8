using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Drover.Bench.Proxies;

/// <summary>Many WebSockets of clients that are open and say nothing.</summary>
internal sealed class IdleSockets : IAsyncDisposable
{
    private const int AtOnce = 50;

    private static readonly byte[] Handshake = Encoding.ASCII.GetBytes(
        "GET / HTTP/1.1\r\nHost: bench.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");

    private readonly List<Socket> _open = [];

    private IdleSockets()
    {
    }

    public static async Task<IdleSockets> OpenAsync(int port, int count, CancellationToken cancellationToken)
    {
        var sockets = new IdleSockets();
        await Parallel.ForAsync(
            0,
            count,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (_, stop) =>
            {
                var socket = await OpenAsync(port, stop);
                lock (sockets._open)
                {
                    sockets._open.Add(socket);
                }
            });
        return sockets;
    }

    public ValueTask DisposeAsync()
    {
        _open.ForEach(socket => socket.Dispose());
        return ValueTask.CompletedTask;
    }

    private static async Task<Socket> OpenAsync(int port, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
        await socket.SendAsync(Handshake, cancellationToken);
        var buffer = new byte[1024];
        var read = await socket.ReceiveAsync(buffer, cancellationToken);
        var answer = Encoding.ASCII.GetString(buffer, 0, read);
        return answer.StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal)
            ? socket
            : throw new InvalidOperationException($"no WebSocket: {answer}");
    }
}
