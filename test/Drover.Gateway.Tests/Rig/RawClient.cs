using System.Net.Sockets;
using System.Text;

namespace Drover.Gateway.Tests.Rig;

/// <summary>A client that sends exactly the octets it is given, for what no well-behaved client would send.</summary>
internal sealed class RawClient : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[64 * 1024];

    private RawClient(Socket socket) => _socket = socket;

    public static async Task<RawClient> ConnectAsync(Uri address)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(address.Host, address.Port, TestContext.Current.CancellationToken);
        return new RawClient(socket);
    }

    /// <summary>Sends text, an octet a letter.</summary>
    public async Task SendAsync(string text) =>
        await _socket.SendAsync(Encoding.Latin1.GetBytes(text), TestContext.Current.CancellationToken);

    /// <summary>Says that nothing more is sent, and goes on reading.</summary>
    public void EndSending() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Ends without a word: the other side gets a reset.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Dispose();
    }

    /// <summary>Everything that comes until it holds the text.</summary>
    public async Task<string> ReadUntilAsync(string text)
    {
        var all = new StringBuilder();
        while (!all.ToString().Contains(text, StringComparison.Ordinal))
        {
            var read = await ReadAsync();
            if (read.Length == 0)
            {
                throw new IOException($"the connection ended before \"{text}\":\n{all}");
            }

            all.Append(read);
        }

        return all.ToString();
    }

    /// <summary>Everything that comes until the other side ends the connection.</summary>
    public async Task<string> ReadToEndAsync()
    {
        var all = new StringBuilder();
        for (var read = await ReadAsync(); read.Length > 0; read = await ReadAsync())
        {
            all.Append(read);
        }

        return all.ToString();
    }

    public void Dispose() => _socket.Dispose();

    private async Task<string> ReadAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            var length = await _socket.ReceiveAsync(_buffer, limit.Token);
            return Encoding.Latin1.GetString(_buffer, 0, length);
        }
        catch (SocketException error) when (error.SocketErrorCode is SocketError.ConnectionReset)
        {
            return "";
        }
    }
}
