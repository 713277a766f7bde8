using System.Net;
using System.Net.Sockets;
using System.Text;
using Drover.Runtime.Probing;

namespace Drover.Runtime.Tests.Probing;

/// <summary>
/// Something on a TCP port that hears what comes first, says its words and hangs up; without words it only hears, for
/// ever.
/// </summary>
internal sealed class SpeakingServer : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly TcpListener _listener;
    private readonly Task _serving;
    private int _accepted;

    public SpeakingServer(string? says, IPAddress? address = null, int port = 0)
    {
        _listener = new TcpListener(address ?? IPAddress.Loopback, port);
        _listener.Start();
        _serving = ServeAsync(says is null ? null : Encoding.ASCII.GetBytes(says));
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public int Accepted => Volatile.Read(ref _accepted);

    public ProbeAddress Address => new(ProbeAddress.DefaultHost, Port);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _end.Dispose();
    }

    private async Task ServeAsync(byte[]? says)
    {
        var open = new List<Task>();
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptSocketAsync(_end.Token);
                Interlocked.Increment(ref _accepted);
                open.Add(AnswerAsync(socket, says));
            }
        }
        finally
        {
            await Task.WhenAll(open).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task AnswerAsync(Socket socket, byte[]? says)
    {
        using (socket)
        {
            var request = new byte[4096];
            do
            {
                if (await socket.ReceiveAsync(request, _end.Token) == 0)
                {
                    return;
                }
            }
            while (says is null);

            await socket.SendAsync(says, _end.Token);
            socket.Shutdown(SocketShutdown.Both);
        }
    }
}
