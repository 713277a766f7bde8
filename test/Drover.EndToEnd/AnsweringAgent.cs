using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Drover.EndToEnd;

/// <summary>An agent on loopback that has one answer to everything.</summary>
internal sealed class AnsweringAgent : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _answering;

    public AnsweringAgent(string answer)
    {
        _listener.Start();
        Address = $"http://{_listener.LocalEndpoint}";
        var octets = Encoding.ASCII.GetBytes(
            $"HTTP/1.1 200 OK\r\nContent-Length: {answer.Length}\r\nConnection: close\r\n\r\n{answer}");
        _answering = AnswerAsync(octets);
    }

    public string Address { get; }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _answering;
        _listener.Dispose();
        _ending.Dispose();
    }

    private async Task AnswerAsync(byte[] answer)
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync(_ending.Token);
                var stream = client.GetStream();
                _ = await stream.ReadAsync(new byte[4096], _ending.Token);
                await stream.WriteAsync(answer, _ending.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }
}
