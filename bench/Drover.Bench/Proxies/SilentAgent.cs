using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Drover.Bench.Proxies;

/// <summary>An origin that takes every WebSocket and then says nothing.</summary>
internal sealed class SilentAgent : IAsyncDisposable
{
    // RFC 6455, section 1.3.
    private const string Suffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private const string KeyHeader = "sec-websocket-key:";

    private readonly Socket _listener = new(SocketType.Stream, ProtocolType.Tcp);
    private readonly List<Socket> _open = [];
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _accepting;

    public SilentAgent()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(1024);
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _listener.Dispose();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_open)
        {
            _open.ForEach(socket => socket.Dispose());
        }

        _ending.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            var socket = await _listener.AcceptAsync(_ending.Token);
            lock (_open)
            {
                _open.Add(socket);
            }

            _ = ServeAsync(socket);
        }
    }

    /// <summary>Until the other side ends; a close is answered by an end.</summary>
    private async Task ServeAsync(Socket socket)
    {
        try
        {
            var buffer = new byte[4096];
            var read = await socket.ReceiveAsync(buffer, _ending.Token);
            var request = Encoding.ASCII.GetString(buffer, 0, read);
            var key = request.Split("\r\n").First(
                line => line.StartsWith(KeyHeader, StringComparison.OrdinalIgnoreCase))[KeyHeader.Length..].Trim();
            await socket.SendAsync(
                Encoding.ASCII.GetBytes(
                    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + $"Sec-WebSocket-Accept: {AcceptOf(key)}\r\n\r\n"),
                _ending.Token);
            await socket.ReceiveAsync(buffer, _ending.Token);
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException)
        {
            // Cut, or the measurement is over.
        }
        finally
        {
            lock (_open)
            {
                _open.Remove(socket);
            }

            socket.Dispose();
        }
    }

    // SHA-1 is what the protocol has; nothing is kept secret by it.
#pragma warning disable CA5350
    private static string AcceptOf(string key) =>
        Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + Suffix)));
#pragma warning restore CA5350
}
