using Drover.Core.Fleet;
using Drover.Testing.Docker;
using Drover.Testing.Server;
using Drover.Testing.Time;
using Drover.Wire;
using Drover.Wire.Commands;

namespace Drover.Server.Tests.Commands;

/// <summary>Two processes with one host's credentials both ask for commands; one of them is the host.</summary>
public sealed class ReplacedRunTests
{
    [Fact]
    public async Task A_clone_and_the_host_it_copies_both_ask_and_only_the_run_that_is_believed_is_given_commands()
    {
        await using var server = await ServerFixture.StartAsync();
        var people = server.OnSocket();
        var original = await server.JoinAsync("alpha", "web");
        var clone = original.Copy(original.Run + 1000);
        for (var turn = 0; turn < 2; turn++)
        {
            await clone.HeartbeatAsync();
            await original.HeartbeatAsync();
        }

        var waiting = original.WaitAsync(60, saysRun: true);
        var ordered = new List<string?>();
        var taken = new List<string?>();
        for (var count = 0; count < 5; count++)
        {
            ordered.Add((await people.OrderAsync(CommandTypes.Restart, "web")).CommandId);
            Assert.Null((await original.WaitAsync(1, saysRun: true)).Item);
            taken.Add((await clone.WaitAsync(5, saysRun: true)).Item?.CommandId);
        }

        Assert.Equal(ordered, taken);
        Assert.False(waiting.IsCompleted);
        Assert.Single(await people.EventsAsync(), told => told.Type == "host.cloned");
    }

    [Fact]
    public async Task A_replaced_run_is_given_no_log_to_follow_and_the_believed_one_still_is()
    {
        await using var server = await ServerFixture.StartAsync();
        var original = await server.JoinAsync("alpha", "web");
        var clone = original.Copy(original.Run + 1000);
        await clone.HeartbeatAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, Routes.LogStream + "?app=web");
        await using var stream =
            await SseLines.OpenAsync(server.OnSocket(), request, TestContext.Current.CancellationToken);

        Assert.Null((await original.WaitAsync(1, saysRun: true)).Meta.Streams);
        Assert.Single((await clone.WaitAsync(5, saysRun: true)).Meta.Streams!);
    }

    [Fact]
    public async Task A_run_the_server_has_not_heard_of_yet_is_given_commands_before_its_first_heartbeat()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.JoinAsync("alpha", "web");
        var ordered = await server.OnSocket().OrderAsync(CommandTypes.Restart, "web");

        var restarted = agent.Copy(agent.Run + 1);

        Assert.Equal(ordered.CommandId, (await restarted.WaitAsync(5, saysRun: true)).Item?.CommandId);
    }

    [Fact]
    public async Task An_agent_that_does_not_send_its_run_is_given_commands_whoever_it_is()
    {
        await using var server = await ServerFixture.StartAsync();
        var people = server.OnSocket();
        var agent = await server.JoinAsync("alpha", "web");
        await agent.Copy(agent.Run + 1000).HeartbeatAsync();
        var first = await people.OrderAsync(CommandTypes.Restart, "web");
        var second = await people.OrderAsync(CommandTypes.Restart, "web");

        Assert.Equal(first.CommandId, (await agent.WaitAsync(5)).Item?.CommandId);
        using var odd = await agent.SendAsync(
            HttpMethod.Get, $"/api/v1/agent/commands/wait/{agent.DeploymentHash}?timeout=5&run=-yesterday", null);
        var answer = await ServerFixture.ReadAsync(odd, WireJson.Default.WaitResponse);
        Assert.Equal(second.CommandId, answer.Item?.CommandId);
    }

    [Fact]
    public async Task A_replaced_run_stays_replaced_over_a_restart_of_the_server()
    {
        await using var server = await ServerFixture.StartAsync();
        var original = await server.JoinAsync("alpha", "web");
        var clone = original.Copy(original.Run + 1000);
        await clone.HeartbeatAsync();
        var ordered = await server.OnSocket().OrderAsync(CommandTypes.Restart, "web");

        await server.RestartAsync();
        (original.ClockOffset, clone.ClockOffset) = (TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2));

        Assert.Null((await original.WaitAsync(1, saysRun: true)).Item);
        Assert.Equal(ordered.CommandId, (await clone.WaitAsync(5, saysRun: true)).Item?.CommandId);
    }

    [Fact]
    public async Task An_older_run_that_is_believed_again_is_given_what_waits_at_once()
    {
        var clock = new FakeClock();
        await using var server = await ServerFixture.StartAsync(clock);
        var original = await server.JoinAsync("alpha", "web");
        await original.Copy(original.Run + 1000).HeartbeatAsync();
        clock.Advance(RunSequence.SilenceBeforeOlderRun + TimeSpan.FromSeconds(1));
        var ordered = await server.OnSocket().OrderAsync(CommandTypes.Restart, "web");
        var waiting = original.WaitAsync(60, saysRun: true);
        await Eventually.TrueAsync(
            async () => (await server.OnSocket().GetStringAsync(Routes.Metrics))
                .Contains("drover_server_waiting_polls 1\n", StringComparison.Ordinal),
            "the poll waits",
            TestContext.Current.CancellationToken);

        await original.HeartbeatAsync();

        Assert.Equal(ordered.CommandId, (await waiting).Item?.CommandId);
    }
}
