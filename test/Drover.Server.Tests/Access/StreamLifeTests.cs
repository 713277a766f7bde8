using System.Net;
using Drover.Testing.Server;
using Drover.Testing.Time;
using Drover.Wire;
using Drover.Wire.People;

namespace Drover.Server.Tests.Access;

public sealed class StreamLifeTests
{
    [Theory]
    [InlineData(Routes.EventStream)]
    [InlineData(Routes.LogStream + "?app=web")]
    public async Task A_revoked_token_loses_the_streams_it_opened(string path)
    {
        await using var server = await ServerFixture.StartAsync(new FakeClock());
        await server.JoinAsync("alpha", "web");
        var created = await CreateAsync(server, new CreateTokenRequest("ci", "viewer"));
        var holder = server.WithToken(created.Token);
        await using var stream = await OpenAsync(holder, path);

        using var revoked = await server.Admin().DeleteAsync(
            $"{Routes.Tokens}/{created.TokenId}", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);
        await EndsAsync(stream);
        await holder.GetAsync(path, TestContext.Current.CancellationToken)
            .ProblemAsync(HttpStatusCode.Unauthorized, Problems.Unauthorized);
    }

    [Fact]
    public async Task An_expired_token_loses_the_streams_it_opened_and_another_keeps_its_own()
    {
        var clock = new FakeClock();
        await using var server = await ServerFixture.StartAsync(clock);
        var agent = await server.EnrollAsync();
        var created = await CreateAsync(server, new CreateTokenRequest("short", "viewer", 60));
        await using var stream = await OpenAsync(server.WithToken(created.Token), Routes.EventStream);
        await using var other = await OpenAsync(server.Admin(), Routes.EventStream + "?type=container.*");

        clock.Advance(TimeSpan.FromSeconds(60));

        await EndsAsync(stream);
        await agent.EventsAsync(7, 1, AgentEvents.Of("container.died", "web"));
        Assert.Equal("container.died", (await other.NextAsync()).Type);
    }

    private static async Task EndsAsync(SseLines stream) => await Assert.ThrowsAsync<EndOfStreamException>(async () =>
    {
        while (true)
        {
            // What was told before the end may still be on its way.
            await stream.NextAsync();
        }
    });

    private static async Task<SseLines> OpenAsync(HttpClient client, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        return await SseLines.OpenAsync(client, request, TestContext.Current.CancellationToken);
    }

    private static Task<CreatedTokenDto> CreateAsync(ServerFixture server, CreateTokenRequest request) =>
        ServerFixture.PostAsync(
            server.Admin(),
            Routes.Tokens,
            request,
            WireJson.Default.CreateTokenRequest,
            WireJson.Default.CreatedTokenDto);
}
