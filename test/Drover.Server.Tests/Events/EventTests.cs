using System.Net;
using Drover.Testing.Server;
using Drover.Testing.Time;
using Drover.Wire;

namespace Drover.Server.Tests.Events;

public sealed class EventTests
{
    [Fact]
    public async Task Events_of_a_host_are_stored_in_order_and_once_however_often_they_are_sent()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.EnrollAsync();

        Assert.Equal(2, (await agent.EventsAsync(7, 1, Died("a"), Died("b"))).AcceptedThrough);
        Assert.Equal(3, (await agent.EventsAsync(7, 2, Died("b"), Died("c"))).AcceptedThrough);
        Assert.Equal(3, (await agent.EventsAsync(7, 1, Died("a"), Died("b"))).AcceptedThrough);
        Assert.Equal(1, (await agent.EventsAsync(8, 1, Died("d"))).AcceptedThrough);
        Assert.Equal(9, (await agent.EventsAsync(7, 9, Died("x"))).AcceptedThrough);

        var told = await server.OnSocket().EventsAsync("after=0&type=container.*");
        Assert.Equal(["a", "b", "c", "d"], told.Select(item => item.Subject));
        Assert.All(told, item => Assert.Equal("/hosts/alpha", item.Source));
        Assert.Equal(
            told.Select(item => long.Parse(item.Id, System.Globalization.CultureInfo.InvariantCulture)).Order(),
            told.Select(item => long.Parse(item.Id, System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task The_order_survives_a_restart_of_the_server()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.EnrollAsync();
        await agent.EventsAsync(7, 1, Died("a"));

        await server.RestartAsync();
        await agent.EventsAsync(7, 1, Died("a"), Died("b"));

        Assert.Equal(
            ["a", "b"],
            (await server.OnSocket().EventsAsync("after=0&type=container.died")).Select(item => item.Subject));
    }

    [Fact]
    public async Task An_unknown_type_is_left_out_and_holds_up_nothing()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.EnrollAsync();

        Assert.Equal(
            3,
            (await agent.EventsAsync(7, 1, Died("a"), AgentEvents.Of("container.teleported"), Died("c")))
                .AcceptedThrough);

        Assert.Equal(
            ["a", "c"], (await server.OnSocket().EventsAsync("after=0&type=container.*")).Select(item => item.Subject));
    }

    [Fact]
    public async Task A_stream_resumes_after_the_last_id_without_a_gap_and_follows_what_comes()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.EnrollAsync();
        await agent.EventsAsync(7, 1, Died("a"), Died("b"));
        var first = (await server.OnSocket().EventsAsync("after=0&type=container.died"))[0];

        using var request = new HttpRequestMessage(HttpMethod.Get, Routes.EventStream + "?type=container.died");
        request.Headers.Add("Last-Event-ID", first.Id);
        await using var stream =
            await SseLines.OpenAsync(server.OnSocket(), request, TestContext.Current.CancellationToken);
        var next = await stream.NextAsync();
        Assert.Equal("container.died", next.Type);
        Assert.Contains("\"subject\":\"b\"", next.Data, StringComparison.Ordinal);

        await agent.EventsAsync(7, 3, Died("c"), AgentEvents.Of("container.started"), Died("d"));
        Assert.Contains("\"subject\":\"c\"", (await stream.NextAsync()).Data, StringComparison.Ordinal);
        Assert.Contains("\"subject\":\"d\"", (await stream.NextAsync()).Data, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reader_far_behind_gets_every_event_exactly_once()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.EnrollAsync();
        const int Count = 6000;
        for (var seq = 1; seq <= Count; seq += 500)
        {
            await agent.EventsAsync(7, seq, [.. Enumerable.Range(seq, 500).Select(number => Died($"n{number}"))]);
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, Routes.EventStream + "?type=container.died&after=0");
        await using var stream =
            await SseLines.OpenAsync(server.OnSocket(), request, TestContext.Current.CancellationToken);
        for (var number = 1; number <= Count; number++)
        {
            Assert.Contains($"\"subject\":\"n{number}\"", (await stream.NextAsync()).Data, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Pages_go_on_where_the_last_one_ended()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.EnrollAsync();
        await agent.EventsAsync(7, 1, Died("a"), Died("b"), Died("c"));
        var people = server.OnSocket();

        var page = await ServerFixture.GetAsync(
            people, Routes.Events + "?after=0&type=container.died&limit=2", WireJson.Default.PageEventDto);
        Assert.Equal(["a", "b"], page.Items.Select(item => item.Subject));
        page = await ServerFixture.GetAsync(
            people, $"{Routes.Events}?after={page.Next}&type=container.died&limit=2", WireJson.Default.PageEventDto);
        Assert.Equal(["c"], page.Items.Select(item => item.Subject));
        Assert.Null(page.Next);
    }

    [Fact]
    public async Task An_unknown_type_host_or_parameter_in_a_question_is_named()
    {
        await using var server = await ServerFixture.StartAsync();
        var people = server.OnSocket();

        var problem = await people.GetAsync(Routes.Events + "?type=nothing", TestContext.Current.CancellationToken)
            .ProblemAsync(HttpStatusCode.BadRequest, Problems.InvalidRequest);
        Assert.Contains("\"nothing\"", problem.Detail, StringComparison.Ordinal);
        await people.GetAsync(Routes.Events + "?host=nowhere", TestContext.Current.CancellationToken)
            .ProblemAsync(HttpStatusCode.NotFound, Problems.NotFound);
        problem = await people.GetAsync(Routes.Events + "?limt=3", TestContext.Current.CancellationToken)
            .ProblemAsync(HttpStatusCode.BadRequest, Problems.InvalidRequest);
        Assert.Contains("\"limt\"", problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_filter_that_wants_nothing_of_a_busy_stream_still_gets_signs_of_life_that_name_where_to_resume()
    {
        var clock = new FakeClock();
        await using var server = await ServerFixture.StartAsync(clock);
        var agent = await server.EnrollAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, Routes.EventStream + "?type=command.*");
        await using var stream =
            await SseLines.OpenAsync(server.OnSocket(), request, TestContext.Current.CancellationToken);
        var start = await stream.NextIdAsync();

        var next = stream.NextIdAsync();
        var seq = 0;
        for (; seq < 40 && !(next.IsCompleted && await next > start); seq++)
        {
            next = next.IsCompleted ? stream.NextIdAsync() : next;
            await agent.EventsAsync(7, seq + 1, Died("x"));
            await clock.PassAsync(TimeSpan.FromSeconds(5));
        }

        Assert.InRange(await next, start + 1, start + seq);
    }

    [Fact]
    public async Task Events_of_a_replaced_run_are_told_as_a_loss_once_and_taken_again_when_the_newer_run_is_silent()
    {
        var clock = new FakeClock();
        await using var server = await ServerFixture.StartAsync(clock);
        var people = server.OnSocket();
        var agent = await server.EnrollAsync();
        // Of today, so that retention leaves them alone.
        Wire.Agents.AgentEventDto Now(string subject) => Died(subject) with { Time = clock.GetUtcNow() };
        await agent.EventsAsync(200, 1, Now("a"));

        Assert.Equal(5, (await agent.EventsAsync(100, 4, Now("lost"), Now("lost too"))).AcceptedThrough);
        Assert.Equal(5, (await agent.EventsAsync(100, 4, Now("lost"), Now("lost too"))).AcceptedThrough);

        var loss = Assert.Single(await people.EventsAsync("after=0&type=alert.loss"));
        Assert.Equal(2, loss.Data?.GetProperty("dropped").GetInt64());
        clock.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal(6, (await agent.EventsAsync(100, 5, Now("lost too"), Now("b"))).AcceptedThrough);
        Assert.Equal(
            ["a", "b"], (await people.EventsAsync("after=0&type=container.died")).Select(item => item.Subject));
    }

    [Fact]
    public async Task A_host_cannot_forge_what_only_the_server_tells()
    {
        await using var server = await ServerFixture.StartAsync();
        var people = server.OnSocket();
        var agent = await server.EnrollAsync();
        var before = await people.EventsAsync();

        var accepted = await agent.EventsAsync(
            7,
            1,
            AgentEvents.Of("access.denied", "alice"),
            AgentEvents.Of("command.completed", "web"),
            AgentEvents.Of("host.removed", "beta"),
            AgentEvents.Of("component.failed", "web"),
            AgentEvents.Of("alert.loss", "alpha"),
            Died("web"));

        Assert.Equal(6, accepted.AcceptedThrough);
        var told = (await people.EventsAsync()).Skip(before.Count);
        Assert.Equal(["alert.loss", "container.died"], told.Select(item => item.Type));
    }

    private static Wire.Agents.AgentEventDto Died(string subject) => AgentEvents.Of("container.died", subject);
}
