using System.Net;
using Drover.Core.Agents;
using Drover.Gateway.Documents;
using Drover.Gateway.Tests.Rig;
using Drover.Testing.Time;

namespace Drover.Gateway.Tests.ColdStart;

/// <summary>What an API client gets while its agent does not serve.</summary>
public sealed class AnswerTests
{
    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Cold_start_is_503_with_state_in_the_body_and_Retry_After_3_until_history_knows_better()
    {
        await using var rig = await ColdRig.StartAsync();
        rig.Life.OnWake = () => rig.Life.Start();

        using var answer = await rig.GetAsync("/v1/chat");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("""{"status":"starting","agent":"scout"}""", await answer.Content.ReadAsStringAsync(Ending));
        Assert.Equal("application/json", answer.Content.Headers.ContentType!.ToString());
        Assert.Equal("3", answer.Headers.GetValues("Retry-After").Single());
        Assert.Equal("no-store", answer.Headers.GetValues("Cache-Control").Single());
        Assert.Equal(1, rig.Life.Wakes);
    }

    [Fact]
    public async Task Defect_19_estimated_wait_is_in_the_body_when_predictable_and_Retry_After_says_the_same()
    {
        var clock = new FakeClock();
        await using var rig = await ColdRig.StartAsync(time: clock);
        rig.Life.OnWake = () => rig.Life.Start(TimeSpan.FromSeconds(1.2));

        Assert.Equal(
            """{"status":"starting","agent":"scout","estimated_wait":1.2}""", (await rig.TextAsync()).Body);
        using (var answer = await rig.GetAsync())
        {
            Assert.Equal("2", answer.Headers.GetValues("Retry-After").Single());
        }

        // It takes longer than ever before: nothing is known any more.
        clock.Advance(TimeSpan.FromSeconds(2));
        using (var answer = await rig.GetAsync())
        {
            Assert.Equal("""{"status":"starting","agent":"scout"}""", await answer.Content.ReadAsStringAsync(Ending));
            Assert.Equal("3", answer.Headers.GetValues("Retry-After").Single());
        }
    }

    [Fact]
    public async Task The_status_is_starting_from_the_moment_a_wake_was_triggered_though_its_life_has_not_said_so()
    {
        await using var rig = await ColdRig.StartAsync();

        var answer = await rig.TextAsync();
        var status = await rig.TextAsync("/api/health");

        Assert.Equal((HttpStatusCode.ServiceUnavailable, """{"status":"starting","agent":"scout"}"""), answer);
        Assert.Equal(answer, status);
    }

    [Fact]
    public async Task Defect_4_a_request_right_after_a_sleep_wakes_and_is_told_so()
    {
        await using var agent = await PlayedAgent.EchoAsync();
        await using var rig = await ColdRig.StartAsync();
        rig.Life.OnWake = () => rig.Life.Start();
        rig.Life.Serve(agent.Origin);
        Assert.Equal(HttpStatusCode.OK, (await rig.TextAsync()).Code);

        rig.Life.Sleep();

        Assert.Equal("""{"status":"starting","agent":"scout"}""", (await rig.TextAsync()).Body);
        Assert.Equal(1, rig.Life.Wakes);
    }

    [Fact]
    public async Task A_wake_that_failed_says_why_and_the_next_request_tries_again()
    {
        await using var rig = await ColdRig.StartAsync();
        rig.Life.OnWake = () => rig.Life.Fail("no node has the image");

        for (var wakes = 1; wakes <= 2; wakes++)
        {
            using var answer = await rig.GetAsync();
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.Equal(
                """{"status":"degraded","agent":"scout","reason":"no_node","message":"no node has the image"}""",
                await answer.Content.ReadAsStringAsync(Ending));
            Assert.Equal("10", answer.Headers.GetValues("Retry-After").Single());
            Assert.Equal(wakes, rig.Life.Wakes);
        }
    }

    [Fact]
    public async Task While_failed_wakes_rest_nobody_asks_again_and_Retry_After_says_how_long()
    {
        var clock = new FakeClock();
        await using var rig = await ColdRig.StartAsync(time: clock);
        rig.Life.OnWake = () => rig.Life.Fail("no node has the image", TimeSpan.FromSeconds(16));
        await rig.TextAsync();
        clock.Advance(TimeSpan.FromSeconds(1.5));

        using var answer = await rig.GetAsync();
        Assert.Contains("\"status\":\"degraded\"", await answer.Content.ReadAsStringAsync(Ending));
        Assert.Equal("15", answer.Headers.GetValues("Retry-After").Single());
        Assert.Equal(1, rig.Life.Wakes);

        clock.Advance(TimeSpan.FromSeconds(15));
        await rig.TextAsync();
        Assert.Equal(2, rig.Life.Wakes);
    }

    [Fact]
    public async Task An_order_to_wake_that_changes_nothing_leaves_the_state_as_it_is()
    {
        await using var rig = await ColdRig.StartAsync();
        rig.Life.Fail("there is no such service");
        rig.Life.OnWake = rig.Seat.BeLookedAt;

        Assert.Contains("\"status\":\"degraded\"", (await rig.TextAsync()).Body);
        Assert.Contains("\"status\":\"degraded\"", (await rig.TextAsync("/api/health")).Body);
        Assert.Equal(1, rig.Life.Wakes);
    }

    [Fact]
    public async Task A_wake_that_is_refused_says_why()
    {
        await using var rig = await ColdRig.StartAsync();
        rig.Life.OnWake = () => rig.Life.Sleep(AgentReasons.Capacity, "all are in use");

        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable,
                """{"status":"sleeping","agent":"scout","reason":"capacity","message":"all are in use"}"""),
            await rig.TextAsync());
    }

    [Fact]
    public async Task Requests_behind_the_fence_wake_an_agent_that_goes_to_sleep()
    {
        await using var agent = await PlayedAgent.EchoAsync();
        await using var rig = await ColdRig.StartAsync(ColdRig.Agent() with
        {
            Hold = new HoldDocument { Wait = TimeSpan.FromSeconds(30) },
        });
        rig.Life.Serve(agent.Origin);
        await rig.Seat.Activity.RaiseFenceAsync();

        var answering = rig.TextAsync();
        await rig.UntilWaitingAsync(1);
        await ColdRig.UntilAsync(() => rig.Life.Wakes == 1, "the wake");
        rig.Seat.Activity.LiftFence();

        Assert.Equal(HttpStatusCode.OK, (await answering).Code);
        Assert.Equal((0, 0), (rig.Seat.Activity.Waiting, rig.Seat.Activity.Open));
    }

    [Fact]
    public async Task Defect_3_an_always_on_agent_with_an_address_is_forwarded_to_whatever_its_state()
    {
        await using var agent = await PlayedAgent.EchoAsync();
        await using var rig = await ColdRig.StartAsync(ColdRig.Agent(AgentPolicy.AlwaysOn));
        rig.Life.Serve(agent.Origin);
        rig.Life.Show(rig.Seat.View with { State = AgentState.Starting });

        Assert.Equal(HttpStatusCode.OK, (await rig.TextAsync()).Code);
    }

    [Fact]
    public async Task An_always_on_agent_is_never_woken_by_a_request_and_its_reason_is_told()
    {
        await using var rig = await ColdRig.StartAsync(ColdRig.Agent(AgentPolicy.AlwaysOn));
        rig.Life.Fail("Swarm restarts it");

        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable,
                """{"status":"degraded","agent":"scout","reason":"no_node","message":"Swarm restarts it"}"""),
            await rig.TextAsync());
        Assert.Equal(0, rig.Life.Wakes);
    }

    [Fact]
    public async Task A_wake_whose_order_got_lost_is_ordered_again()
    {
        var clock = new FakeClock();
        await using var rig = await ColdRig.StartAsync(time: clock);
        var first = rig.TextAsync();
        await ColdRig.UntilAsync(() => rig.Life.Wakes == 1, "the wake");
        await clock.WaitForTimerAsync(TimeSpan.FromMilliseconds(100), Ending);
        clock.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Contains("starting", (await first).Body);

        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("""{"status":"sleeping","agent":"scout"}""", (await rig.TextAsync("/api/health")).Body);
        rig.Life.OnWake = () => rig.Life.Start();
        await rig.TextAsync();

        Assert.Equal(2, rig.Life.Wakes);
    }

    [Fact]
    public async Task An_agent_that_is_back_at_once_answers_itself()
    {
        await using var agent = await PlayedAgent.EchoAsync();
        await using var rig = await ColdRig.StartAsync();
        rig.Life.OnWake = () =>
        {
            rig.Life.Start(TimeSpan.FromMilliseconds(20));
            rig.Life.Serve(agent.Origin);
        };

        Assert.Equal(HttpStatusCode.OK, (await rig.TextAsync()).Code);
    }

    [Fact]
    public async Task What_an_unmanaged_agent_without_an_address_answers_is_no_ready()
    {
        await using var rig = await ColdRig.StartAsync(ColdRig.Agent(AgentPolicy.Unmanaged));
        rig.Life.Show(new Drover.Gateway.Agents.AgentView(AgentState.Ready) { Reason = "its service has no task" });

        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable,
                """{"status":"degraded","agent":"scout","message":"its service has no task"}"""),
            await rig.TextAsync());
        Assert.Equal(0, rig.Life.Wakes);
    }
}
