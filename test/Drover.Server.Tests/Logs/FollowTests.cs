using System.Net;
using Drover.Testing.Server;
using Drover.Testing.Time;
using Drover.Wire;

namespace Drover.Server.Tests.Logs;

public sealed class FollowTests
{
    [Fact]
    public async Task Lines_that_a_host_uploads_reach_the_follower_until_the_end()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.JoinAsync("alpha", "web");
        await agent.WaitAsync();
        var wait = agent.WaitAsync(60);
        using var request = new HttpRequestMessage(HttpMethod.Get, Routes.LogStream + "?app=web&tail=10&stream=stdout");
        await using var stream =
            await SseLines.OpenAsync(server.OnSocket(), request, TestContext.Current.CancellationToken);

        var wanted = Assert.Single((await wait).Meta.Streams!);
        Assert.Equal(("web", 10), (wanted.AppCode, wanted.Tail));
        var upload = new LiveUpload();
        var uploading = agent.UploadAsync(wanted.Id, upload, TestContext.Current.CancellationToken);
        await upload.LineAsync(
            """{"cursor":"c1","ts":"2026-01-01T00:00:00Z","stream":"stdout","message":"one","redacted":false}""");
        await upload.LineAsync(string.Empty);
        var line = await stream.NextAsync();
        Assert.Equal(("c1", "line"), (line.Id, line.Type));
        Assert.Contains("\"message\":\"one\"", line.Data, StringComparison.Ordinal);

        await upload.LineAsync("""{"end":"the container was removed"}""");
        Assert.Equal("end", (await stream.NextAsync()).Type);
        upload.Complete();
        using var answer = await uploading;
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);

        // One use: the id is spent.
        using var again =
            await agent.UploadAsync(wanted.Id, new ByteArrayContent([]), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
    }

    [Fact]
    public async Task The_host_is_told_the_full_id_of_the_container_whose_log_is_followed()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.EnrollAsync();
        await agent.SyncAsync(
            Containers.Running("web-1", "web"), Containers.Running("web-2", "web") with { State = "exited" });
        var wait = agent.WaitAsync(60);
        await agent.HeartbeatAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, Routes.LogStream + "?app=web-2");
        await using var stream =
            await SseLines.OpenAsync(server.OnSocket(), request, TestContext.Current.CancellationToken);

        var wanted = Assert.Single((await wait).Meta.Streams!);

        Assert.Equal(("web", Containers.IdOf("web-2")), (wanted.AppCode, wanted.Container));
    }

    [Fact]
    public async Task A_follower_that_leaves_ends_the_upload()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.JoinAsync("alpha", "web");
        var wait = agent.WaitAsync(60);
        using var request = new HttpRequestMessage(HttpMethod.Get, Routes.LogStream + "?app=web");
        var stream = await SseLines.OpenAsync(server.OnSocket(), request, TestContext.Current.CancellationToken);
        var upload = new LiveUpload();
        var uploading =
            agent.UploadAsync((await wait).Meta.Streams!.Single().Id, upload, TestContext.Current.CancellationToken);
        await upload.LineAsync("""{"cursor":"c1","ts":"t","stream":"stdout","message":"one","redacted":false}""");
        await stream.NextAsync();

        await stream.DisposeAsync();

        await BreaksAsync(upload, uploading);
    }

    [Theory]
    [InlineData("revoke")]
    [InlineData("remove")]
    public async Task The_upload_of_a_host_that_is_revoked_or_removed_ends_and_the_follower_is_told(string verb)
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.JoinAsync("alpha", "web");
        var wait = agent.WaitAsync(60);
        using var request = new HttpRequestMessage(HttpMethod.Get, Routes.LogStream + "?app=web");
        await using var stream =
            await SseLines.OpenAsync(server.OnSocket(), request, TestContext.Current.CancellationToken);
        var upload = new LiveUpload();
        var uploading =
            agent.UploadAsync((await wait).Meta.Streams!.Single().Id, upload, TestContext.Current.CancellationToken);
        await upload.LineAsync("""{"cursor":"c1","ts":"t","stream":"stdout","message":"one","redacted":false}""");
        await stream.NextAsync();

        using var shutOut = verb == "revoke"
            ? await server.OnSocket().PostAsync(
                Routes.HostRevocation.Replace("{host}", "alpha", StringComparison.Ordinal),
                null,
                TestContext.Current.CancellationToken)
            : await server.OnSocket().DeleteAsync($"{Routes.Hosts}/alpha", TestContext.Current.CancellationToken);

        Assert.Equal("problem", (await stream.NextAsync()).Type);
        await BreaksAsync(upload, uploading);
    }

    /// <summary>The host learns of the end by the connection that breaks under its next lines.</summary>
    private static Task<Exception> BreaksAsync(LiveUpload upload, Task<HttpResponseMessage> uploading) =>
        Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            while (true)
            {
                await upload.LineAsync(
                    """{"cursor":"c2","ts":"t","stream":"stdout","message":"two","redacted":false}""");
                if (uploading.IsCompleted)
                {
                    await uploading;
                    throw new IOException("The upload was answered.");
                }
            }
        });

    [Fact]
    public async Task An_upload_that_breaks_is_told_to_the_follower_who_resumes_by_the_cursor()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.JoinAsync("alpha", "web");
        var wait = agent.WaitAsync(60);
        using var request = new HttpRequestMessage(HttpMethod.Get, Routes.LogStream + "?app=web");
        await using var stream =
            await SseLines.OpenAsync(server.OnSocket(), request, TestContext.Current.CancellationToken);
        var body = """{"cursor":"c1","ts":"t","stream":"stdout","message":"one","redacted":false}""" + "\n";
        using var upload = await agent.UploadAsync(
            (await wait).Meta.Streams!.Single().Id, new StringContent(body), TestContext.Current.CancellationToken);
        Assert.Equal("c1", (await stream.NextAsync()).Id);
        Assert.Equal("problem", (await stream.NextAsync()).Type);

        wait = agent.WaitAsync(60);
        using var resumed = new HttpRequestMessage(HttpMethod.Get, Routes.LogStream + "?app=web&tail=5");
        resumed.Headers.Add("Last-Event-ID", "c1");
        await using var next =
            await SseLines.OpenAsync(server.OnSocket(), resumed, TestContext.Current.CancellationToken);
        var wanted = (await wait).Meta.Streams!.Single();
        Assert.Equal(("c1", null), (wanted.Since, wanted.Tail));
    }

    [Fact]
    public async Task A_host_that_does_not_come_within_10_seconds_is_a_clear_problem()
    {
        var clock = new FakeClock();
        await using var server = await ServerFixture.StartAsync(clock);
        await server.JoinAsync("alpha", "web");
        using var request = new HttpRequestMessage(HttpMethod.Get, Routes.LogStream + "?app=web");
        await using var stream =
            await SseLines.OpenAsync(server.OnSocket(), request, TestContext.Current.CancellationToken);

        var next = stream.NextAsync();
        for (var second = 0; second < 60 && !next.IsCompleted; second++)
        {
            await clock.PassAsync(TimeSpan.FromSeconds(1));
        }

        var told = await next;
        Assert.Equal("problem", told.Type);
        Assert.Contains("alpha", told.Data, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_offline_host_and_an_unknown_app_are_told_before_the_stream_begins()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.JoinAsync("alpha", "web");
        await agent.HeartbeatAsync(goodbye: true);

        await server.OnSocket().GetAsync(Routes.LogStream + "?app=web", TestContext.Current.CancellationToken)
            .ProblemAsync(HttpStatusCode.ServiceUnavailable, Problems.HostUnavailable);
        await server.OnSocket().GetAsync(Routes.LogStream + "?app=wbe", TestContext.Current.CancellationToken)
            .ProblemAsync(HttpStatusCode.NotFound, Problems.AppUnknown);
        await server.OnSocket().GetAsync(Routes.LogStream, TestContext.Current.CancellationToken)
            .ProblemAsync(HttpStatusCode.BadRequest, Problems.InvalidRequest);
    }

    [Fact]
    public async Task Another_host_cannot_upload_into_a_follow()
    {
        await using var server = await ServerFixture.StartAsync();
        var alpha = await server.JoinAsync("alpha", "web");
        var beta = await server.JoinAsync("beta");
        var wait = alpha.WaitAsync(60);
        using var request = new HttpRequestMessage(HttpMethod.Get, Routes.LogStream + "?app=web");
        await using var stream =
            await SseLines.OpenAsync(server.OnSocket(), request, TestContext.Current.CancellationToken);

        using var refused = await beta.UploadAsync(
            (await wait).Meta.Streams!.Single().Id, new StringContent("{}\n"), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
    }
}
