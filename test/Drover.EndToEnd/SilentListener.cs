using System.Net;
using System.Net.Sockets;

namespace Drover.EndToEnd;

/// <summary>A port that takes a connection and never answers.</summary>
internal sealed class SilentListener : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private Socket? _taken;

    public SilentListener(int port)
    {
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Start();
    }

    /// <summary>Ends when somebody has connected.</summary>
    public async Task ConnectedAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        _taken = await _listener.AcceptSocketAsync(limit.Token);
    }

    public ValueTask DisposeAsync()
    {
        _taken?.Dispose();
        _listener.Dispose();
        return ValueTask.CompletedTask;
    }
}
