using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using Drover.Runtime.Docker;
using Drover.Testing.Agents;

namespace Drover.Runtime.Tests.Docker;

/// <summary>An engine that goes away after it took a request and before it answered.</summary>
public sealed class RepeatTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("restart")]
    [InlineData("start")]
    [InlineData("stop")]
    [InlineData("kill")]
    public async Task What_changes_something_is_asked_once_although_the_engine_hangs_up_before_it_answers(string verb)
    {
        await using var engine = new EngineThatHangsUp();
        using var client = engine.Connect();
        // Used before, as most connections are, so that the hang-up may look like that of an idle one.
        await client.Containers.KillAsync("before", signal: null, Token);
        await client.Containers.RestartAsync("before", grace: null, Token);

        var failed = await Assert.ThrowsAsync<DockerUnavailableException>(() => verb switch
        {
            "restart" => client.Containers.RestartAsync("web", grace: null, Token),
            "start" => client.Containers.StartAsync("web", Token),
            "stop" => client.Containers.StopAsync("web", grace: null, Token),
            _ => client.Containers.KillAsync("web", signal: null, Token),
        });

        Assert.Equal(DockerFailure.ConnectionLost, failed.Failure);
        Assert.Single(engine.Asked, line => line.Contains($"/containers/web/{verb}", StringComparison.Ordinal));
    }

    /// <summary>Answers everything but what is about the container "web": there it reads the request and
    /// closes.</summary>
    private sealed class EngineThatHangsUp : IAsyncDisposable
    {
        private readonly TemporaryDirectory _folder = new();
        private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        private readonly CancellationTokenSource _end = new();
        private readonly ConcurrentQueue<string> _asked = new();
        private readonly Task _accepting;

        public EngineThatHangsUp()
        {
            _listener.Bind(new UnixDomainSocketEndPoint(_folder.File("docker.sock")));
            _listener.Listen();
            _accepting = AcceptAsync();
        }

        /// <summary>The first line of each request.</summary>
        public IReadOnlyCollection<string> Asked => [.. _asked];

        public DockerClient Connect() =>
            new(DockerEndpoint.Parse($"unix://{_folder.File("docker.sock")}"), TimeProvider.System);

        public async ValueTask DisposeAsync()
        {
            await _end.CancelAsync();
            _listener.Dispose();
            await _accepting;
            _end.Dispose();
            _folder.Dispose();
        }

        private async Task AcceptAsync()
        {
            var open = new List<Task>();
            try
            {
                while (true)
                {
                    open.Add(AnswerAsync(await _listener.AcceptAsync(_end.Token)));
                }
            }
            catch (OperationCanceledException)
            {
                await Task.WhenAll(open);
            }
        }

        private async Task AnswerAsync(Socket socket)
        {
            using var connection = socket;
            var buffer = new byte[8192];
            try
            {
                while (await connection.ReceiveAsync(buffer, _end.Token) is var length and > 0)
                {
                    var line = Encoding.ASCII.GetString(buffer, 0, length).Split('\r')[0];
                    _asked.Enqueue(line);
                    if (line.Contains("/containers/web/", StringComparison.Ordinal))
                    {
                        return;
                    }

                    var answer = line.Contains("/_ping", StringComparison.Ordinal)
                        ? "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Length: 2\r\n\r\nOK"u8.ToArray()
                        : "HTTP/1.1 204 No Content\r\n\r\n"u8.ToArray();
                    await connection.SendAsync(answer, _end.Token);
                }
            }
            catch (Exception error) when (error is OperationCanceledException or SocketException)
            {
                // The test is over, or the client left.
            }
        }
    }
}
