using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Drover.Testing.Server;
using Drover.Testing.Time;
using Drover.Wire;
using Drover.Wire.Commands;

namespace Drover.Server.Tests.Commands;

public sealed class DeliveryTests
{
    [Fact]
    public async Task A_waiting_poll_is_woken_at_once_by_an_order()
    {
        await using var server = await ServerFixture.StartAsync();
        var people = server.OnSocket();
        var agent = await server.JoinAsync("alpha", "web");
        await agent.WaitAsync(1);
        var wait = agent.WaitAsync(60);
        var watch = Stopwatch.StartNew();

        var ordered = await people.OrderAsync(CommandTypes.Restart, "web");

        Assert.Equal(ordered.CommandId, (await wait).Item?.CommandId);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"it took {watch.Elapsed}");
    }

    [Fact]
    public async Task A_poll_without_work_is_answered_when_its_time_is_over()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.JoinAsync("alpha", "web");

        var answer = await agent.WaitAsync(1);

        Assert.Null(answer.Item);
        Assert.Equal("No command available", answer.Message);
        Assert.Equal(60, answer.Meta.LeaseSecs);
    }

    [Fact]
    public async Task A_wait_that_takes_only_looks_passes_by_the_actions_that_were_ordered_before()
    {
        await using var server = await ServerFixture.StartAsync();
        var people = server.OnSocket();
        var agent = await server.JoinAsync("alpha", "web");
        var action = await people.OrderAsync(CommandTypes.Restart, "web", priority: "critical");
        var look = await people.OrderAsync(CommandTypes.Health, "web", priority: "low");

        Assert.Null((await agent.WaitAsync(1, WaitScopes.Streams)).Item);
        Assert.Equal(look.CommandId, (await agent.WaitAsync(1, WaitScopes.Looks)).Item?.CommandId);
        Assert.Null((await agent.WaitAsync(1, WaitScopes.Looks)).Item);
        Assert.Equal(action.CommandId, (await agent.WaitAsync()).Item?.CommandId);
    }

    [Fact]
    public async Task Urgent_commands_come_first_and_equals_in_the_order_of_acceptance()
    {
        await using var server = await ServerFixture.StartAsync();
        var people = server.OnSocket();
        var agent = await server.JoinAsync("alpha", "web");
        var low = await people.OrderAsync(CommandTypes.Restart, "web", priority: "low");
        var first = await people.OrderAsync(CommandTypes.Restart, "web");
        var second = await people.OrderAsync(CommandTypes.Restart, "web");
        var critical = await people.OrderAsync(CommandTypes.Restart, "web", priority: "critical");
        var high = await people.OrderAsync(CommandTypes.Restart, "web", priority: "high");

        var taken = new List<string>();
        for (var count = 0; count < 5; count++)
        {
            taken.Add((await agent.WaitAsync()).Item!.CommandId);
        }

        Assert.Equal([critical.CommandId, high.CommandId, first.CommandId, second.CommandId, low.CommandId], taken);
    }

    [Fact]
    public async Task Two_polls_at_once_never_get_one_command_twice()
    {
        await using var server = await ServerFixture.StartAsync();
        var people = server.OnSocket();
        var agent = await server.JoinAsync("alpha", "web");
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => people.OrderAsync(CommandTypes.Restart, "web")));

        var answers = await Task.WhenAll(Enumerable.Range(0, 25).Select(_ => agent.WaitAsync()));

        var taken = answers.Select(answer => answer.Item?.CommandId).OfType<string>().ToList();
        Assert.Equal(20, taken.Count);
        Assert.Equal(20, taken.Distinct().Count());
    }

    [Fact]
    public async Task A_lost_lease_is_given_out_again_and_a_renewed_one_is_not()
    {
        var clock = new FakeClock();
        await using var server = await ServerFixture.StartAsync(clock);
        var people = server.OnSocket();
        var agent = await server.JoinAsync("alpha", "web");
        var ordered = await people.OrderAsync(CommandTypes.Restart, "web");
        await agent.WaitAsync();

        await clock.PassAsync(TimeSpan.FromSeconds(40));
        Assert.Empty((await agent.RenewAsync([ordered.CommandId])).Lost);
        await clock.PassAsync(TimeSpan.FromSeconds(40));
        Assert.Equal(CommandStates.Leased, (await people.CommandAsync(ordered.CommandId)).Status);
        await clock.PassAsync(TimeSpan.FromSeconds(25));
        await clock.StateBecomesAsync(people, ordered.CommandId, CommandStates.Queued);

        Assert.Equal([ordered.CommandId], (await agent.RenewAsync([ordered.CommandId])).Lost);
        var again = (await agent.WaitAsync()).Item;
        Assert.Equal(ordered.CommandId, again?.CommandId);
        Assert.Equal(2, (await people.CommandAsync(ordered.CommandId)).Attempts);
    }

    [Fact]
    public async Task The_report_of_a_host_that_lost_its_lease_still_counts_and_the_first_outcome_wins()
    {
        var clock = new FakeClock();
        await using var server = await ServerFixture.StartAsync(clock);
        var people = server.OnSocket();
        var agent = await server.JoinAsync("alpha", "web");
        var ordered = await people.OrderAsync(CommandTypes.Restart, "web");
        var leased = (await agent.WaitAsync()).Item!;
        await clock.PassAsync(TimeSpan.FromSeconds(65));
        await clock.StateBecomesAsync(people, ordered.CommandId, CommandStates.Queued);

        Assert.Equal(CommandStates.Completed, (await agent.ReportSuccessAsync(leased)).Item.Message);
        using var second = await agent.TryReportAsync(
            agent.Failure(leased, new CommandErrorDto("restart_failed", "cannot restart: no")));

        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
        Assert.Equal(CommandStates.Completed, (await people.CommandAsync(ordered.CommandId)).Status);
        Assert.Single(await people.EventsAsync("after=0&type=command.completed,command.failed"));
        Assert.Null(await clock.PollAsync(agent, timeout: 1));
    }

    [Fact]
    public async Task A_success_that_is_reported_after_minutes_without_a_server_is_in_the_history()
    {
        var clock = new FakeClock();
        await using var server = await ServerFixture.StartAsync(clock);
        var agent = await server.JoinAsync("alpha", "web");
        var ordered = await server.OnSocket().OrderAsync(CommandTypes.Restart, "web");
        var leased = (await agent.WaitAsync()).Item!;
        await agent.RenewAsync([ordered.CommandId], executing: [ordered.CommandId]);

        await server.StopAsync();
        clock.Advance(TimeSpan.FromMinutes(20));
        await server.StartAgainAsync();
        await clock.StateBecomesAsync(server.OnSocket(), ordered.CommandId, CommandStates.Queued);
        await agent.ReportSuccessAsync(leased);

        Assert.Equal(CommandStates.Completed, (await server.OnSocket().CommandAsync(ordered.CommandId)).Status);
        Assert.Empty(await server.OnSocket().EventsAsync("after=0&type=command.expired"));
    }

    [Fact]
    public async Task What_a_host_did_outranks_a_cancellation_that_came_while_its_lease_was_lost()
    {
        var clock = new FakeClock();
        await using var server = await ServerFixture.StartAsync(clock);
        var people = server.OnSocket();
        var agent = await server.JoinAsync("alpha", "web");
        var ordered = await people.OrderAsync(CommandTypes.Restart, "web");
        var leased = (await agent.WaitAsync()).Item!;
        await clock.PassAsync(TimeSpan.FromSeconds(65));
        await clock.StateBecomesAsync(people, ordered.CommandId, CommandStates.Queued);
        using (var cancelled = await CancelAsync(people, ordered.CommandId))
        {
            Assert.Equal(HttpStatusCode.OK, cancelled.StatusCode);
        }

        await agent.ReportSuccessAsync(leased);

        var ended = await people.CommandAsync(ordered.CommandId);
        Assert.Equal(CommandStates.Completed, ended.Status);
        Assert.Null(ended.Error);
        Assert.Single(await people.EventsAsync("after=0&type=command.completed"));
        var metrics = await server.Admin().GetStringAsync(Routes.Metrics, TestContext.Current.CancellationToken);
        var counted = metrics.Split('\n')
            .Where(line => line.StartsWith("drover_server_commands_total{", StringComparison.Ordinal))
            .ToList();
        Assert.EndsWith("} 1", Assert.Single(counted), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_queue_of_a_removed_host_is_cancelled()
    {
        await using var server = await ServerFixture.StartAsync();
        var people = server.OnSocket();
        var agent = await server.JoinAsync("alpha", "web");
        var taken = await people.OrderAsync(CommandTypes.Restart, "web");
        await agent.WaitAsync();
        var waiting = await people.OrderAsync(CommandTypes.Restart, "web");

        using var removed =
            await people.DeleteAsync($"{Routes.Hosts}/alpha", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        foreach (var ordered in new[] { taken, waiting })
        {
            var ended = await people.CommandAsync(ordered.CommandId);
            Assert.Equal(CommandStates.Cancelled, ended.Status);
            Assert.Contains("its host was shut out by", ended.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_failed_report_keeps_its_errors()
    {
        await using var server = await ServerFixture.StartAsync();
        var people = server.OnSocket();
        var agent = await server.JoinAsync("alpha", "web");
        var ordered = await people.OrderAsync(CommandTypes.Restart, "web");
        var leased = (await agent.WaitAsync()).Item!;

        using var response = await agent.TryReportAsync(
            agent.Failure(leased, new CommandErrorDto("restart_failed", "cannot restart \"web\": no such image")));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var ended = await people.CommandAsync(ordered.CommandId);
        Assert.Equal(CommandStates.Failed, ended.Status);
        Assert.Equal("restart_failed", Assert.Single(ended.Errors!).Code);
        Assert.Equal("cannot restart \"web\": no such image", ended.Error);
    }

    [Fact]
    public async Task A_report_that_breaks_its_schema_is_refused_and_changes_nothing()
    {
        await using var server = await ServerFixture.StartAsync();
        var people = server.OnSocket();
        var agent = await server.JoinAsync("alpha", "web");
        var ordered = await people.OrderAsync(CommandTypes.Restart, "web");
        var good = agent.Success((await agent.WaitAsync()).Item!);
        var wrongState = JsonSerializer.Deserialize(
            good.Result!.Value.GetRawText().Replace("running", "dancing", StringComparison.Ordinal),
            WireJson.Default.JsonElement);

        foreach (var (report, named) in new[]
        {
            (good with { Result = null }, "result"),
            (good with { Status = "done" }, "done"),
            (good with { Status = "failed" }, "errors"),
            (good with { DeploymentHash = "other" }, "deployment_hash"),
            (good with { Result = wrongState }, "container_state"),
        })
        {
            var problem =
                await agent.TryReportAsync(report).ProblemAsync(HttpStatusCode.BadRequest, Problems.InvalidRequest);
            Assert.Contains(named, problem.Detail, StringComparison.Ordinal);
        }

        Assert.Equal(CommandStates.Leased, (await people.CommandAsync(ordered.CommandId)).Status);
    }

    [Fact]
    public async Task Another_hosts_command_can_neither_be_reported_nor_renewed_nor_waited_for()
    {
        await using var server = await ServerFixture.StartAsync();
        var people = server.OnSocket();
        var alpha = await server.JoinAsync("alpha", "web");
        var beta = await server.JoinAsync("beta");
        var ordered = await people.OrderAsync(CommandTypes.Restart, "web");
        var leased = (await alpha.WaitAsync()).Item!;

        await beta.TryReportAsync(alpha.Success(leased)).ProblemAsync(HttpStatusCode.NotFound, Problems.NotFound);
        Assert.Equal([ordered.CommandId], (await beta.RenewAsync([ordered.CommandId])).Lost);
        await beta.SendAsync(HttpMethod.Get, $"/api/v1/agent/commands/wait/{alpha.DeploymentHash}?timeout=1", null)
            .ProblemAsync(HttpStatusCode.Forbidden, Problems.Forbidden);
        Assert.Equal(CommandStates.Leased, (await people.CommandAsync(ordered.CommandId)).Status);
    }

    [Fact]
    public async Task A_queued_command_can_be_cancelled_and_a_leased_one_cannot()
    {
        await using var server = await ServerFixture.StartAsync();
        var people = server.OnSocket();
        var agent = await server.JoinAsync("alpha", "web");
        var first = await people.OrderAsync(CommandTypes.Restart, "web");
        var second = await people.OrderAsync(CommandTypes.Restart, "web");

        using (var cancelled = await CancelAsync(people, first.CommandId))
        {
            Assert.Equal(HttpStatusCode.OK, cancelled.StatusCode);
        }

        Assert.Equal(second.CommandId, (await agent.WaitAsync()).Item?.CommandId);
        await CancelAsync(people, second.CommandId).ProblemAsync(HttpStatusCode.Conflict, Problems.Conflict);
        Assert.Equal(CommandStates.Cancelled, (await people.CommandAsync(first.CommandId)).Status);
    }

    [Fact]
    public async Task A_command_whose_host_never_comes_expires()
    {
        var clock = new FakeClock();
        await using var server =
            await ServerFixture.StartAsync(clock, options => options with { CommandLife = TimeSpan.FromMinutes(1) });
        var people = server.OnSocket();
        var agent = await server.JoinAsync("alpha", "web");
        var ordered = await people.OrderAsync(CommandTypes.Restart, "web");

        await clock.PassAsync(TimeSpan.FromSeconds(62));

        await clock.StateBecomesAsync(people, ordered.CommandId, CommandStates.Expired);
        Assert.Null(await clock.PollAsync(agent, timeout: 1));
        Assert.Single(await people.EventsAsync("after=0&type=command.expired"));
    }

    [Fact]
    public async Task An_app_status_is_taken_and_another_hosts_is_not()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.JoinAsync("alpha", "web");
        var status = new AppStatusRequest(agent.DeploymentHash, "web", "running", [], DateTimeOffset.UnixEpoch);

        using var taken = await agent.PostAsync(Routes.AppStatus, status, WireJson.Default.AppStatusRequest);
        Assert.Equal(HttpStatusCode.NoContent, taken.StatusCode);
        await agent.PostAsync(Routes.AppStatus, status with { DeploymentHash = "x" }, WireJson.Default.AppStatusRequest)
            .ProblemAsync(HttpStatusCode.BadRequest, Problems.InvalidRequest);
    }

    [Fact]
    [Trait("tier", "heavy")]
    public async Task Ten_thousand_queued_commands_stay_fast()
    {
        await using var server = await ServerFixture.StartAsync();
        await server.StopAsync();
        LongHistory.Write(server.DataDirectory, 200_000);
        await server.StartAgainAsync();
        var people = server.OnSocket();
        var agent = await server.JoinAsync("alpha", "web");
        await Parallel.ForAsync(0, 10_000, new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (_, _) =>
        {
            await people.OrderAsync(CommandTypes.Restart, "web");
        });

        var watch = Stopwatch.StartNew();
        for (var count = 0; count < 50; count++)
        {
            Assert.NotNull((await agent.WaitAsync()).Item);
        }

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"50 leases took {watch.Elapsed}");

        // The planner must not go wrong either when somebody has let it count.
        LongHistory.Analyze(server.DataDirectory);
        await LongHistory.EveryRegularQueryIsQuickAsync(server.DataDirectory);
    }

    private static Task<HttpResponseMessage> CancelAsync(HttpClient people, string commandId) =>
        people.PostAsync($"{Routes.Commands}/{commandId}/cancel", null, TestContext.Current.CancellationToken);
}
