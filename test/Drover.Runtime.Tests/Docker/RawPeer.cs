using System.Net;
using System.Net.Sockets;
using System.Text;
using Drover.Runtime.Docker;

namespace Drover.Runtime.Tests.Docker;

/// <summary>Something on a TCP port that says the same to everybody and hangs up.</summary>
internal sealed class RawPeer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Task _serving;

    public RawPeer(string says)
    {
        _listener.Start();
        _serving = ServeAsync(Encoding.ASCII.GetBytes(says));
    }

    public DockerClient Connect() => new(DockerEndpoint.Parse($"tcp://{_listener.LocalEndpoint}"), TimeProvider.System);

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task ServeAsync(byte[] says)
    {
        var request = new byte[4096];
        while (true)
        {
            using var socket = await _listener.AcceptSocketAsync();
            await socket.ReceiveAsync(request);
            await socket.SendAsync(says);
            socket.Shutdown(SocketShutdown.Both);
        }
    }
}
