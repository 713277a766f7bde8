using System.Net.Sockets;
using System.Text;
using Drover.Runtime.Docker;
using Drover.Runtime.Docker.Logs;
using Drover.Testing.Docker;

namespace Drover.Runtime.Tests.Docker;

/// <summary>Engines that are absent, hung, broken, huge, or replaced by another.</summary>
public sealed class BadDayTests
{
    private static readonly DockerClientOptions Impatient = new()
    {
        CallTimeout = TimeSpan.FromMilliseconds(300),
        PingTimeout = TimeSpan.FromMilliseconds(200),
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_absent_engine_is_unreachable_and_the_sentence_says_what_to_check()
    {
        using var client = new DockerClient(DockerEndpoint.Parse("unix:///nowhere/docker.sock"), TimeProvider.System);

        var failed = await Assert.ThrowsAsync<DockerUnavailableException>(() => client.Containers.ListAsync(Token));

        Assert.Equal(DockerFailure.Unreachable, failed.Failure);
        Assert.Contains("unix:///nowhere/docker.sock", failed.Message, StringComparison.Ordinal);
        Assert.Contains("there is no such socket; is the Docker Engine installed and started?", failed.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_socket_left_behind_by_a_dead_engine_is_told_apart_from_an_absent_one()
    {
        await using var engine = await FakeDockerEngine.StartNewAsync();
        await engine.StopAsync();
        using (var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            dead.Bind(new UnixDomainSocketEndPoint(engine.SocketPath));
            using var client = engine.Connect();

            var failed = await Assert.ThrowsAsync<DockerUnavailableException>(() => client.System.PingAsync(Token));

            Assert.Equal(DockerFailure.Unreachable, failed.Failure);
            Assert.Contains("nothing listens on it", failed.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_tcp_port_where_nothing_listens_is_unreachable()
    {
        using var client = new DockerClient(DockerEndpoint.Parse("tcp://127.0.0.1:1"), TimeProvider.System);

        var failed = await Assert.ThrowsAsync<DockerUnavailableException>(() => client.System.PingAsync(Token));

        Assert.Equal(DockerFailure.Unreachable, failed.Failure);
    }

    [Fact]
    public async Task A_hung_engine_times_out_with_a_sentence_and_is_used_again_when_it_goes_on()
    {
        await using var engine = await FakeDockerEngine.StartNewAsync();
        using var client = engine.Connect(Impatient);
        await client.Containers.ListAsync(Token);
        engine.Hang();

        var list = await Assert.ThrowsAsync<DockerUnavailableException>(() => client.Containers.ListAsync(Token));
        var ping = await Assert.ThrowsAsync<DockerUnavailableException>(() => client.System.PingAsync(Token));

        Assert.Equal(DockerFailure.TimedOut, list.Failure);
        Assert.Equal(DockerFailure.TimedOut, ping.Failure);
        Assert.Equal(
            $"cannot list the containers: the Docker Engine at {engine.Address} took longer than 0.3 s", list.Message);
        engine.Resume();
        Assert.Empty(await client.Containers.ListAsync(Token));
    }

    [Fact]
    public async Task A_callers_cancellation_is_no_failure_of_the_engine()
    {
        await using var engine = await FakeDockerEngine.StartNewAsync();
        using var client = engine.Connect();
        engine.Hang();
        using var leaving = new CancellationTokenSource();
        var list = client.Containers.ListAsync(leaving.Token);
        await leaving.CancelAsync();

        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => list);
        Assert.Equal(leaving.Token, cancelled.CancellationToken);
    }

    [Theory]
    [InlineData("<html>hello</html>")]
    [InlineData("{\"not\": \"a list\"}")]
    [InlineData("[{\"Id\": 5}]")]
    [InlineData("[{\"Id\": \"cut off")]
    [InlineData("null")]
    [InlineData("")]
    public async Task An_answer_that_is_no_engines_is_a_bad_answer_and_the_next_call_is_not_hurt(string garbage)
    {
        await using var engine = await FakeDockerEngine.StartNewAsync();
        using var client = engine.Connect();
        engine.Answer("/containers/json", Encoding.UTF8.GetBytes(garbage));

        var failed = await Assert.ThrowsAsync<DockerUnavailableException>(() => client.Containers.ListAsync(Token));

        Assert.Equal(DockerFailure.BadAnswer, failed.Failure);
        engine.Answer("/containers/json", null);
        Assert.Empty(await client.Containers.ListAsync(Token));
    }

    [Fact]
    public async Task A_service_that_speaks_no_HTTP_is_a_bad_answer()
    {
        await using var peer = new RawPeer("SSH-2.0-OpenSSH_9.2\r\n");
        using var client = peer.Connect();

        var failed = await Assert.ThrowsAsync<DockerUnavailableException>(() => client.System.PingAsync(Token));

        Assert.Equal(DockerFailure.BadAnswer, failed.Failure);
    }

    [Fact]
    public async Task A_web_server_that_is_no_engine_is_a_bad_answer()
    {
        await using var peer = new RawPeer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK");
        using var client = peer.Connect();

        var failed = await Assert.ThrowsAsync<DockerUnavailableException>(() => client.Containers.ListAsync(Token));

        Assert.Equal(DockerFailure.BadAnswer, failed.Failure);
    }

    [Fact]
    public async Task An_answer_that_breaks_off_is_a_lost_connection()
    {
        await using var peer = new RawPeer(
            "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Length: 999\r\n\r\n[{\"Id\":");
        using var client = peer.Connect();

        var failed = await Assert.ThrowsAsync<DockerUnavailableException>(() => client.System.PingAsync(Token));

        Assert.Equal(DockerFailure.ConnectionLost, failed.Failure);
    }

    [Fact]
    public async Task An_answer_of_ten_megabytes_is_read_and_one_beyond_the_limit_is_refused()
    {
        await using var engine = await FakeDockerEngine.StartNewAsync();
        engine.AddContainer("web", web => web.Labels["long"] = new string('x', 10 * 1024 * 1024));
        using var client = engine.Connect();
        using var small = engine.Connect(new DockerClientOptions { MaxAnswerBytes = 1024 * 1024 });

        Assert.Equal(10 * 1024 * 1024, Assert.Single(await client.Containers.ListAsync(Token)).Labels["long"].Length);
        var refused = await Assert.ThrowsAsync<DockerUnavailableException>(() => small.Containers.ListAsync(Token));
        Assert.Equal(DockerFailure.BadAnswer, refused.Failure);
        Assert.Contains("larger than 1048576 bytes", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_thousand_containers_are_listed_at_once_and_one_that_vanished_meanwhile_spoils_nothing()
    {
        await using var engine = await FakeDockerEngine.StartNewAsync();
        engine.AddContainers(1000);
        var doomed = engine.AddContainer("doomed");
        engine.VanishAfterList(doomed);
        using var client = engine.Connect();

        var list = await client.Containers.ListAsync(Token);
        var gone = 0;
        foreach (var container in list)
        {
            try
            {
                Assert.Equal(container.Id, (await client.Containers.InspectAsync(container.Id, Token)).Id);
            }
            catch (DockerApiException exception) when (exception.IsNotFound)
            {
                gone++;
            }
        }

        Assert.Equal((1001, 1), (list.Count, gone));
    }

    [Fact]
    public async Task Many_open_streams_never_starve_short_calls_or_pings()
    {
        await using var engine = await FakeDockerEngine.StartNewAsync();
        engine.AddContainer("web").Logs("hello");
        using var client = engine.Connect(new DockerClientOptions { MaxCallConnections = 1 });
        var follows = new List<IAsyncEnumerator<LogLine>>();
        for (var i = 0; i < 40; i++)
        {
            var follow = client.Containers.LogsAsync(
                "web", new LogQuery { Follow = true }, tty: false, Token).GetAsyncEnumerator(Token);
            Assert.True(await follow.MoveNextAsync());
            follows.Add(follow);
        }

        Assert.Single(await client.Containers.ListAsync(Token));
        await client.System.PingAsync(Token);
        foreach (var follow in follows)
        {
            await follow.DisposeAsync();
        }
    }

    [Fact]
    public async Task Callers_and_readers_that_leave_keep_no_connection_from_others()
    {
        const string Held = "/containers/json";
        const int Most = 2;
        await using var engine = await FakeDockerEngine.StartNewAsync();
        engine.AddContainer("web").Logs("hello").Logs("again");
        using var client = engine.Connect(
            new DockerClientOptions { MaxCallConnections = Most, MaxStreamConnections = Most });
        for (var round = 0; round < 5; round++)
        {
            // As many as there are connections are under way, more wait for one; all of them leave.
            var release = new TaskCompletionSource();
            engine.Hold(Held, release.Task);
            using var leaving = new CancellationTokenSource();
            var calls = Enumerable.Range(0, 3 * Most).Select(_ => client.Containers.ListAsync(leaving.Token)).ToList();
            await Eventually.TrueAsync(
                () => Task.FromResult(engine.Unanswered.Count(IsHeld) == Most),
                "the engine has as many calls as there are connections", Token);
            await leaving.CancelAsync();
            foreach (var call in calls)
            {
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
            }

            await Eventually.TrueAsync(
                () => Task.FromResult(!engine.Unanswered.Any(IsHeld)), "those who left hang up", Token);

            // Streams that are left while there is more to come.
            for (var stream = 0; stream < 2 * Most; stream++)
            {
                await using var follow = client.Containers.LogsAsync(
                    "web", new LogQuery { Follow = true }, tty: false, Token).GetAsyncEnumerator(Token);
                Assert.True(await follow.MoveNextAsync());
            }

            release.SetResult();
        }

        var answers = await Task.WhenAll(Enumerable.Range(0, 3 * Most).Select(_ => client.Containers.ListAsync(Token)));
        Assert.All(answers, one => Assert.Single(one));

        bool IsHeld(string request) => request.Contains(Held, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_newest_version_both_sides_know_is_used_and_asked_again_of_another_engine()
    {
        await using var engine = await FakeDockerEngine.StartNewAsync();
        engine.ApiVersion = "1.99";
        using var client = engine.Connect();
        Assert.Equal(ApiVersion.Newest, await client.System.NegotiateAsync(Token));
        Assert.Empty(await client.Containers.ListAsync(Token));

        // The engine is replaced by an older one behind the same connection, which refuses the version of before.
        engine.ApiVersion = "1.30";
        Assert.Empty(await client.Containers.ListAsync(Token));
        Assert.Equal(new ApiVersion(1, 30), await client.System.NegotiateAsync(Token));

        await engine.StopAsync();
        await Assert.ThrowsAsync<DockerUnavailableException>(() => client.Containers.ListAsync(Token));
        engine.ApiVersion = "1.41";
        await engine.StartAsync();
        Assert.Empty(await client.Containers.ListAsync(Token));
        Assert.Equal(new ApiVersion(1, 41), await client.System.NegotiateAsync(Token));
    }

    [Fact]
    public async Task An_engine_too_old_to_use_is_told_to_be_upgraded()
    {
        await using var engine = await FakeDockerEngine.StartNewAsync();
        engine.ApiVersion = "1.12";
        using var client = engine.Connect();

        var failed = await Assert.ThrowsAsync<DockerUnavailableException>(() => client.Containers.ListAsync(Token));

        Assert.Contains("the oldest we can use is 1.24. Upgrade the engine", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_error_keeps_the_engines_status_and_words_even_when_a_proxy_in_front_of_it_speaks()
    {
        await using var engine = await FakeDockerEngine.StartNewAsync();
        using var client = engine.Connect();
        engine.Answer("/containers/json", "{\"message\":\"dial tcp: server misbehaving\"}"u8.ToArray(), status: 500);
        var fromEngine = await Assert.ThrowsAsync<DockerApiException>(() => client.Containers.ListAsync(Token));
        engine.Answer("/containers/json", "Bad Gateway\n"u8.ToArray(), status: 502);
        var fromProxy = await Assert.ThrowsAsync<DockerApiException>(() => client.Containers.ListAsync(Token));
        engine.Answer("/containers/json", [], status: 503);
        var silent = await Assert.ThrowsAsync<DockerApiException>(() => client.Containers.ListAsync(Token));

        Assert.Equal((500, "dial tcp: server misbehaving"), ((int)fromEngine.Status, fromEngine.EngineMessage));
        Assert.Equal((502, "Bad Gateway"), ((int)fromProxy.Status, fromProxy.EngineMessage));
        Assert.Equal("cannot list the containers: the engine answered 503 ServiceUnavailable", silent.Message);
    }
}
