using System.Diagnostics;
using System.Globalization;
using System.Net;
using Drover.Server.Tests.Logs;
using Drover.Testing.Docker;
using Drover.Testing.Server;
using Drover.Testing.Time;
using Drover.Wire;

namespace Drover.Server.Tests.Limits;

/// <summary>
/// Clients that hold a connection and give nothing for it. The listener measures them by the real clock, so that these
/// few tests take seconds.
/// </summary>
public sealed class SlowTests
{
    private const string Line =
        """{"cursor":"c1","ts":"2026-01-01T00:00:00Z","stream":"stdout","message":"one","redacted":false}""";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task A_client_that_dribbles_its_headers_is_cut_off()
    {
        await using var server = await StartAsync(limits => limits with { HeaderTimeout = TimeSpan.FromSeconds(1) });
        await using var slow = await RawConnection.OpenAsync(server.Role.Address);
        await slow.SendAsync($"GET {Routes.Live} HTTP/1.1\r\nHost: x\r\nX-Slow: ");
        var dribble = DribbleAsync(slow);

        Assert.True(await slow.IsClosedWithinAsync(Patience));
        await dribble;
        Assert.Empty(await server.Admin().HostsAsync());
    }

    [Fact]
    public async Task A_client_that_sends_nothing_after_an_answer_is_cut_off()
    {
        await using var server = await StartAsync(limits => limits with { IdleTimeout = TimeSpan.FromSeconds(1) });
        await using var idle = await RawConnection.OpenAsync(server.Role.Address);
        await idle.SendAsync($"GET {Routes.Live} HTTP/1.1\r\nHost: x\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 ", await idle.AnswerAsync(), StringComparison.Ordinal);

        Assert.True(await idle.IsClosedWithinAsync(Patience));
    }

    [Fact]
    public async Task A_body_that_comes_too_slowly_is_a_408_and_the_connection_is_closed()
    {
        await using var server = await StartAsync(limits => limits with { CrawlGrace = TimeSpan.FromSeconds(1.1) });
        foreach (var path in new[] { Routes.Enroll, Routes.Tokens })
        {
            await using var slow = await RawConnection.OpenAsync(server.Role.Address);
            await slow.SendAsync(Head("POST", path, server, 10_000) + "{");

            var answer = await slow.AnswerAsync();

            Assert.StartsWith("HTTP/1.1 408 ", answer, StringComparison.Ordinal);
            Assert.Contains(Problems.Prefix + Problems.TooSlow, answer, StringComparison.Ordinal);
            Assert.True(await slow.IsClosedWithinAsync(Patience));
        }
    }

    [Fact]
    public async Task A_body_that_comes_fast_enough_to_hold_its_connection_for_hours_has_a_deadline_all_the_same()
    {
        var clock = new FakeClock();
        await using var server = await StartAsync(limits => limits, clock);
        await using var slow = await RawConnection.OpenAsync(server.Role.Address);
        var timers = clock.ArmedTimers;
        await slow.SendAsync(Head("POST", Routes.Enroll, server, 10_000) + "{");
        await Eventually.TrueAsync(
            () => Task.FromResult(clock.ArmedTimers > timers),
            "the body is waited for",
            TestContext.Current.CancellationToken);

        clock.Advance(TimeSpan.FromMinutes(2));

        Assert.StartsWith("HTTP/1.1 408 ", await slow.AnswerAsync(), StringComparison.Ordinal);
        Assert.True(await slow.IsClosedWithinAsync(Patience));
    }

    [Fact]
    public async Task A_reader_that_takes_nothing_is_cut_off_and_no_other_one_waits_for_it()
    {
        await using var server = await StartAsync(
            limits => limits with { CrawlGrace = TimeSpan.FromSeconds(2), LeastBytesPerSecond = 1_000_000 });
        await server.JoinAsync("alpha", [.. Enumerable.Range(0, 900).Select(number => $"app-{number}")]);
        var admin = server.Admin();
        Assert.Equal(900, (await admin.ContainersAsync()).Count);
        var before = await ConnectionsAsync(server);
        await using var deaf = await RawConnection.OpenAsync(server.Role.Address, receiveBuffer: 4_096);
        var request = Head("GET", $"{Routes.Containers}?limit=5000", server, 0);
        for (var asked = 0; asked < 60; asked++)
        {
            await deaf.SendAsync(request);
        }

        await Eventually.TrueAsync(
            async () => await ConnectionsAsync(server) == before + 1,
            "it is heard",
            TestContext.Current.CancellationToken);
        Assert.Equal(900, (await admin.ContainersAsync()).Count);
        await Eventually.TrueAsync(
            async () => await ConnectionsAsync(server) == before,
            "it is cut off",
            TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task More_connections_than_allowed_are_closed_the_unix_socket_still_answers_and_room_comes_back()
    {
        await using var server = await StartAsync(limits => limits with { Connections = 3 });
        var held = new List<RawConnection>();
        for (var connection = 0; connection < 3; connection++)
        {
            held.Add(await AskedAsync(server));
        }

        await using (var tooMany = await RawConnection.OpenAsync(server.Role.Address))
        {
            Assert.True(await tooMany.IsClosedWithinAsync(Patience));
        }

        Assert.Empty(await server.OnSocket().HostsAsync());
        var metrics = await server.OnSocket().GetStringAsync(Routes.Metrics, TestContext.Current.CancellationToken);
        Assert.Contains("drover_server_limited_total{limit=\"connections\"} 1\n", metrics, StringComparison.Ordinal);
        await held[0].DisposeAsync();
        await Eventually.TrueAsync(
            async () =>
            {
                await using var again = await RawConnection.OpenAsync(server.Role.Address);
                await again.SendAsync($"GET {Routes.Live} HTTP/1.1\r\nHost: x\r\n\r\n");
                return (await again.AnswerAsync()).StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal);
            },
            "there is room again",
            TestContext.Current.CancellationToken);
        foreach (var connection in held)
        {
            await connection.DisposeAsync();
        }
    }

    [Fact]
    public async Task One_address_cannot_take_all_connections()
    {
        await using var server = await StartAsync(limits => limits with { ConnectionsPerAddress = 1 });
        await using var first = await AskedAsync(server);
        await using var second = await RawConnection.OpenAsync(server.Role.Address);
        Assert.True(await second.IsClosedWithinAsync(Patience));
        var metrics = await server.OnSocket().GetStringAsync(Routes.Metrics, TestContext.Current.CancellationToken);
        const string Counted = "drover_server_limited_total{limit=\"connections_per_address\"} 1\n";
        Assert.Contains(Counted, metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_quiet_log_that_is_followed_is_no_slow_client()
    {
        await using var server = await StartAsync(
            limits => limits with { CrawlGrace = TimeSpan.FromSeconds(1.1), LeastBytesPerSecond = 100_000 });
        var agent = await server.JoinAsync("alpha", "web");
        var waiting = agent.WaitAsync(60);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Routes.LogStream}?app=web");
        var following = SseLines.OpenAsync(server.Admin(), request, TestContext.Current.CancellationToken);
        var streamId = Assert.Single((await waiting).Meta.Streams!).Id;
        var upload = new LiveUpload();
        var uploading = agent.UploadAsync(streamId, upload, TestContext.Current.CancellationToken);
        await using var follower = await following;
        var since = Stopwatch.StartNew();
        await upload.LineAsync(Line);
        Assert.Equal("line", (await follower.NextAsync()).Type);

        // Longer than the grace and slower than the rate by far.
        while (since.Elapsed < TimeSpan.FromSeconds(4))
        {
            await upload.LineAsync(Line);
            Assert.Equal("line", (await follower.NextAsync()).Type);
            await Task.Delay(500, TestContext.Current.CancellationToken);
        }

        upload.Complete();
        using var response = await uploading;
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
    }

    private static Task<ServerFixture> StartAsync(Func<ServerLimits, ServerLimits> limits, TimeProvider? time = null) =>
        ServerFixture.StartAsync(time, options => options with { Limits = limits(options.Limits) });

    private static async Task<int> ConnectionsAsync(ServerFixture server)
    {
        const string Name = "drover_server_connections ";
        var metrics = await server.OnSocket().GetStringAsync(Routes.Metrics, TestContext.Current.CancellationToken);
        var line = metrics.Split('\n').Single(line => line.StartsWith(Name, StringComparison.Ordinal));
        return int.Parse(line[Name.Length..], CultureInfo.InvariantCulture);
    }

    private static async Task<RawConnection> AskedAsync(ServerFixture server)
    {
        var connection = await RawConnection.OpenAsync(server.Role.Address);
        await connection.SendAsync($"GET {Routes.Live} HTTP/1.1\r\nHost: x\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 ", await connection.AnswerAsync(), StringComparison.Ordinal);
        return connection;
    }

    private static string Head(string method, string path, ServerFixture server, int length) =>
        $"{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {server.AdminToken}\r\n"
        + $"Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n";

    private static async Task DribbleAsync(RawConnection connection)
    {
        try
        {
            while (true)
            {
                await connection.SendAsync("x");
                await Task.Delay(100, TestContext.Current.CancellationToken);
            }
        }
        catch (IOException)
        {
            // Cut off, as it should be.
        }
    }
}
