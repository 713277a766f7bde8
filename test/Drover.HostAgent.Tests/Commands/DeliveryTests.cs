using Drover.HostAgent.Logs;
using Drover.Runtime.Uplink.Transport;
using Drover.Wire.Commands;

namespace Drover.HostAgent.Tests.Commands;

/// <summary>What happens to a command between its delivery and its report when the world misbehaves.</summary>
public sealed class DeliveryTests : IAsyncLifetime
{
    private const string Web = """{"app_code":"web"}""";
    private const string Db = """{"app_code":"db"}""";

    private CommandRig _rig = null!;
    private TaskCompletionSource? _heldUp;

    public async ValueTask InitializeAsync()
    {
        _rig = await CommandRig.CreateAsync();
        _rig.Docker.AddContainer("web");
        _rig.Docker.AddContainer("db");
    }

    public ValueTask DisposeAsync()
    {
        // A test that failed while it held an action up would wait for it here for ever: the clock stands still.
        _heldUp?.TrySetResult();
        return _rig.DisposeAsync();
    }

    [Fact]
    public async Task A_command_delivered_twice_executes_once_and_its_stored_report_is_sent_again()
    {
        _rig.Start();
        var command = _rig.Server.Deliver("restart", Web);
        var first = await _rig.ReportOfAsync(command.CommandId);

        _rig.Server.Deliver(command);
        await CommandRig.UntilAsync(() => _rig.Server.Reports.Count == 2, "a second report");

        Assert.Equal(1, _rig.Engine.Count("restart"));
        var second = _rig.Server.Reports.Last();
        Assert.Equal(
            (first.CommandId, first.Status, first.CompletedAt), (second.CommandId, second.Status, second.CompletedAt));
    }

    [Fact]
    public async Task A_command_delivered_again_while_its_report_waits_for_the_next_try_is_reported_at_once()
    {
        _rig.Server.Refusal = _ => ScriptedServer.Away;
        _rig.Start();
        var command = _rig.Server.Deliver("restart", Web);
        await CommandRig.UntilAsync(() => _rig.Server.Refused > 0, "a try that failed");

        // The clock stands: no pause ends by itself.
        _rig.Server.Refusal = null;
        _rig.Server.Deliver(command);

        Assert.Equal(ReportRequest.Success, (await _rig.ReportOfAsync(command.CommandId)).Status);
        Assert.Equal(1, _rig.Engine.Count("restart"));
    }

    [Fact]
    public async Task A_pause_that_the_server_asked_for_is_kept_though_it_delivers_the_command_again()
    {
        var asked = TimeSpan.FromSeconds(20);
        _rig.Server.Refusal = _ => new ServerCallException(ServerFailure.Unreachable, "cannot report: slow down", 429)
        {
            RetryAfter = asked,
        };
        _rig.Start();
        var command = _rig.Server.Deliver("restart", Web);
        await CommandRig.UntilAsync(() => _rig.Server.Refused > 0, "a try that failed");
        await _rig.Clock.WaitForTimerAsync(asked, TestContext.Current.CancellationToken);

        _rig.Server.Refusal = null;
        var waits = _rig.Server.Waits;
        _rig.Server.Deliver(command);
        await CommandRig.UntilAsync(() => _rig.Server.Waits > waits, "the command is taken");

        Assert.Empty(_rig.Server.Reports);
        _rig.Clock.Advance(asked);
        await _rig.ReportOfAsync(command.CommandId);
    }

    [Fact]
    public async Task A_command_delivered_again_while_it_runs_executes_once_and_is_reported_once()
    {
        var release = HoldUp("restart");
        _rig.Start();
        var command = _rig.Server.Deliver("restart", Web);
        await CommandRig.UntilAsync(() => _rig.Engine.Count("restart") == 1, "the restart begins");

        _rig.Server.Deliver(command);
        await _rig.ExecuteAsync("health", Web);
        release.SetResult();

        await _rig.ReportOfAsync(command.CommandId);
        Assert.Equal(1, _rig.Engine.Count("restart"));
        Assert.Single(_rig.Server.Reports, report => report.CommandId == command.CommandId);
    }

    [Fact]
    public async Task An_agent_killed_between_execution_and_report_sends_the_stored_report_at_its_next_start()
    {
        _rig.Server.Refusal = _ => ScriptedServer.Away;
        _rig.Start();
        var command = _rig.Server.Deliver("restart", Web);
        await CommandRig.UntilAsync(() => _rig.Runner.ReportsWaiting == 1, "the report is on disk");
        var killed = _rig.CopyOfDisk();
        await _rig.StopAsync();
        _rig.RestoreDisk(killed);

        _rig.Server = new ScriptedServer();
        _rig.Start();

        Assert.Equal(ReportRequest.Success, (await _rig.ReportOfAsync(command.CommandId)).Status);
        _rig.Server.Deliver(command);
        await CommandRig.UntilAsync(() => _rig.Server.Reports.Count == 2, "the stored report again");
        Assert.Equal(1, _rig.Engine.Count("restart"));
    }

    [Fact]
    public async Task An_execution_cut_short_by_a_kill_is_reported_as_interrupted_and_never_begun_again()
    {
        var release = HoldUp("restart");
        _rig.Start();
        var command = _rig.Server.Deliver("restart", Web);
        await CommandRig.UntilAsync(() => _rig.Engine.Count("restart") == 1, "the restart begins");
        var killed = _rig.CopyOfDisk();
        release.SetResult();
        await _rig.ReportOfAsync(command.CommandId);
        await _rig.StopAsync();
        _rig.RestoreDisk(killed);

        _rig.Server = new ScriptedServer();
        _rig.Start();
        var report = await _rig.ReportOfAsync(command.CommandId);
        _rig.Server.Deliver(command);
        await CommandRig.UntilAsync(() => _rig.Server.Reports.Count == 2, "the same again");

        ReportSchema.Check("restart", report);
        Assert.Equal((ReportRequest.Failed, CommandErrors.Interrupted), (report.Status, report.Errors![0].Code));
        Assert.Equal(1, _rig.Engine.Count("restart"));
    }

    [Fact]
    public async Task Reports_wait_while_the_server_is_away_and_arrive_in_order_once()
    {
        var away = true;
        _rig.Server.Refusal = _ => away ? ScriptedServer.Away : null;
        _rig.Start();
        var ids = new List<string>();
        for (var count = 0; count < 5; count++)
        {
            ids.Add(_rig.Server.Deliver("restart", Web).CommandId);
            await CommandRig.UntilAsync(() => _rig.Runner.ReportsWaiting == ids.Count, "the report is on disk");
        }

        away = false;
        await AdvanceUntilAsync(() => _rig.Server.Reports.Count == 5);

        Assert.Equal(ids, _rig.Server.Reports.Select(report => report.CommandId));
        await CommandRig.UntilAsync(() => _rig.Runner.ReportsWaiting == 0, "nothing waits");
    }

    [Fact]
    public async Task The_pause_between_tries_to_report_grows_and_is_capped()
    {
        var tries = 0;
        _rig.Server.Refusal = _ => { Interlocked.Increment(ref tries); return ScriptedServer.Away; };
        _rig.Start();
        _rig.Server.Deliver("restart", Web);
        await CommandRig.UntilAsync(() => tries == 1, "a first try");

        var first = _rig.Clock.Elapsed;
        while (tries < 12 && _rig.Clock.Elapsed - first < TimeSpan.FromSeconds(2000))
        {
            _rig.Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        // 1, 2, 4, 8, 16, 30, 30 ... seconds, a tenth more or less: twelve tries take 211 s. A fixed second would need
        // 11, doubling without end 2047; a busy machine only makes it longer.
        Assert.Equal(12, tries);
        Assert.InRange(_rig.Clock.Elapsed - first, TimeSpan.FromSeconds(185), TimeSpan.FromSeconds(1800));
    }

    [Theory]
    [InlineData(404)]
    [InlineData(400)]
    public async Task A_report_that_the_server_will_never_take_is_dropped_with_an_alert_and_holds_up_nothing(int status)
    {
        _rig.Server.Refusal = report => report.CommandId == "cmd_1"
            ? new ServerCallException(ServerFailure.Rejected, $"cannot report: the server answered {status}", status)
            : null;
        _rig.Start();
        _rig.Server.Deliver("restart", Web);
        var second = _rig.Server.Deliver("restart", Db);

        await _rig.ReportOfAsync(second.CommandId);
        await CommandRig.UntilAsync(() => _rig.Runner.ReportsWaiting == 0, "nothing waits");
        Assert.Equal(["report of command cmd_1: 1"], _rig.Losses);
    }

    [Fact]
    public async Task A_long_restart_never_blocks_health()
    {
        var release = HoldUp("restart");
        _rig.Start();
        var restart = _rig.Server.Deliver("restart", Web);
        await CommandRig.UntilAsync(() => _rig.Engine.Count("restart") == 1, "the restart begins");

        for (var count = 0; count < 8; count++)
        {
            await _rig.ExecuteAsync("health", Web);
        }

        Assert.DoesNotContain(_rig.Server.Reports, report => report.CommandId == restart.CommandId);
        release.SetResult();
        await _rig.ReportOfAsync(restart.CommandId);
    }

    [Fact]
    public async Task However_many_actions_wait_a_look_and_a_followed_log_get_through()
    {
        _rig.Docker.Containers.Single(each => each.Name == "web").Logs("hello");
        var release = HoldUp("restart");
        _rig.Start();
        for (var count = 0; count < 100; count++)
        {
            _rig.Server.Deliver("restart", Web);
        }

        await CommandRig.UntilAsync(() => _rig.Server.Scope == WaitScopes.Looks, "hands full of actions");
        await _rig.ExecuteAsync("health", Web);
        _rig.Server.Watch(new StreamRequestDto("s1", "web", null, null, null, null));
        await CommandRig.UntilAsync(
            () =>
            {
                _rig.Clock.Advance(LineReorder.Hold);
                return _rig.Server.Uploads.TryGetValue("s1", out var upload) && upload.Lines.Count == 1;
            },
            "the log");

        Assert.Single(_rig.Server.Reports);
        release.SetResult();
    }

    [Fact]
    public async Task The_report_of_an_action_waits_for_the_inventory_and_at_most_a_second()
    {
        var settling = new TaskCompletionSource<string>();
        _rig.Settled = (id, token) =>
        {
            settling.TrySetResult(id);
            return Task.Delay(Timeout.Infinite, token);
        };
        _rig.Start();
        var command = _rig.Server.Deliver("restart", Web);

        Assert.Equal(_rig.Docker.Containers.Single(each => each.Name == "web").Id, await settling.Task);
        await _rig.Clock.WaitForTimerAsync(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        Assert.Empty(_rig.Server.Reports);
        _rig.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(ReportRequest.Success, (await _rig.ReportOfAsync(command.CommandId)).Status);
    }

    [Fact]
    public async Task A_container_that_the_server_names_by_its_id_is_stopped_although_another_of_its_app_runs()
    {
        var one = _rig.Docker.AddContainer("shop-1", shop => shop.Labels["drover.app"] = "shop");
        var two = _rig.Docker.AddContainer("shop-2", shop => shop.Labels["drover.app"] = "shop");
        _rig.Start();

        var report = await _rig.ExecuteAsync("stop", $$"""{"app_code":"shop","container":"{{two.Id}}"}""");

        Assert.Equal(ReportRequest.Success, report.Status);
        Assert.Equal(("running", "exited"), (one.State, two.State));
    }

    [Fact]
    public async Task Actions_on_one_container_run_one_after_the_other_and_on_several_at_once()
    {
        var release = HoldUp("restart");
        _rig.Start();
        var first = _rig.Server.Deliver("restart", Web);
        await CommandRig.UntilAsync(() => _rig.Engine.Count("restart") == 1, "the first restart begins");
        var sameContainer = _rig.Server.Deliver("restart", """{"app_code":"web","container":"web"}""");
        var other = _rig.Server.Deliver("restart", Db);

        await CommandRig.UntilAsync(
            () => _rig.Engine.Count("restart") == 2, "the restart of the other container begins");
        await _rig.ExecuteAsync("health", Web);
        Assert.Equal(2, _rig.Engine.Count("restart"));
        release.SetResult();

        foreach (var command in (CommandDto[])[first, sameContainer, other])
        {
            await _rig.ReportOfAsync(command.CommandId);
        }

        Assert.Equal(3, _rig.Engine.Count("restart"));
    }

    [Fact]
    public async Task A_command_that_outlasts_its_timeout_is_reported_as_failed_at_its_deadline()
    {
        _rig.Engine.Before = (call, _, token) =>
            call == "restart" ? Task.Delay(Timeout.Infinite, token) : Task.CompletedTask;
        _rig.Start();
        var command = _rig.Server.Deliver("restart", Web, timeoutSeconds: 7);
        await CommandRig.UntilAsync(() => _rig.Engine.Count("restart") == 1, "the restart begins");

        await _rig.Clock.WaitForTimerAsync(TimeSpan.FromSeconds(7), TestContext.Current.CancellationToken);
        _rig.Clock.Advance(TimeSpan.FromSeconds(7));

        var report = await _rig.ReportOfAsync(command.CommandId);
        ReportSchema.Check("restart", report);
        Assert.Equal(CommandErrors.DeadlineExceeded, report.Errors![0].Code);
    }

    [Fact]
    public async Task Leases_are_renewed_when_an_execution_begins_and_every_20_seconds()
    {
        var release = HoldUp("restart");
        _rig.Start();
        var command = _rig.Server.Deliver("restart", Web);
        await CommandRig.UntilAsync(
            () => _rig.Server.Renewals.Any(renewal => renewal.Executing!.Contains(command.CommandId)),
            "a renewal at the begin");

        for (var renewals = _rig.Server.Renewals.Count; renewals < 4;)
        {
            await _rig.Clock.WaitForTimerAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
            _rig.Clock.Advance(TimeSpan.FromSeconds(20));
            await CommandRig.UntilAsync(() => _rig.Server.Renewals.Count > renewals, "another renewal");
            renewals = _rig.Server.Renewals.Count;
        }

        Assert.All(_rig.Server.Renewals, renewal => Assert.Equal([command.CommandId], renewal.CommandIds));
        release.SetResult();
        await _rig.ReportOfAsync(command.CommandId);
    }

    [Fact]
    public async Task A_command_whose_lease_was_lost_while_it_waited_is_not_begun()
    {
        var release = HoldUp("restart");
        _rig.Start();
        var first = _rig.Server.Deliver("restart", Web);
        await CommandRig.UntilAsync(() => !_rig.Server.Renewals.IsEmpty, "the first begins");
        var second = _rig.Server.Deliver("restart", Web);
        await CommandRig.UntilAsync(() => _rig.Server.Waits == 3, "the second was taken");

        _rig.Server.Lost.Enqueue(second.CommandId);
        await AdvanceUntilAsync(
            () => _rig.Server.Renewals.Any(renewal => renewal.CommandIds.Contains(second.CommandId)));
        release.SetResult();
        await _rig.ReportOfAsync(first.CommandId);
        await _rig.ExecuteAsync("stop", Web);

        Assert.Equal(1, _rig.Engine.Count("restart"));
        Assert.DoesNotContain(_rig.Server.Reports, report => report.CommandId == second.CommandId);
    }

    [Fact]
    public async Task SIGTERM_lets_a_running_command_finish_and_report_and_begins_nothing_more()
    {
        var release = HoldUp("restart");
        _rig.Start();
        var running = _rig.Server.Deliver("restart", Web);
        await CommandRig.UntilAsync(() => _rig.Engine.Count("restart") == 1, "the restart begins");
        var waiting = _rig.Server.Deliver("restart", Web);
        await CommandRig.UntilAsync(() => _rig.Server.Waits == 3, "the second was taken");

        var stopping = _rig.Runner.StopAsync(TestContext.Current.CancellationToken);
        release.SetResult();
        await stopping;

        Assert.Equal([running.CommandId], _rig.Server.Reports.Select(report => report.CommandId));
        Assert.Equal(ReportRequest.Success, _rig.Server.Reports.Single().Status);
        Assert.DoesNotContain(_rig.Server.Reports, report => report.CommandId == waiting.CommandId);
    }

    [Fact]
    public async Task SIGTERM_reports_what_does_not_finish_within_the_grace_as_interrupted()
    {
        _rig.Engine.Before = (call, _, token) =>
            call == "restart" ? Task.Delay(Timeout.Infinite, token) : Task.CompletedTask;
        _rig.Start();
        var command = _rig.Server.Deliver("restart", Web);
        await CommandRig.UntilAsync(() => _rig.Engine.Count("restart") == 1, "the restart begins");

        var stopping = _rig.Runner.StopAsync(TestContext.Current.CancellationToken);
        await _rig.Clock.WaitForTimerAsync(TimeSpan.FromSeconds(8), TestContext.Current.CancellationToken);
        _rig.Clock.Advance(TimeSpan.FromSeconds(8));
        await stopping;

        var report = _rig.Server.Reports.Single();
        ReportSchema.Check("restart", report);
        Assert.Equal((command.CommandId, CommandErrors.Interrupted), (report.CommandId, report.Errors![0].Code));
    }

    [Fact]
    public async Task A_monitor_only_host_refuses_every_change_and_still_looks()
    {
        _rig.Policy = new HostPolicy { MonitorOnly = true };
        _rig.Start();

        foreach (var type in (string[])["restart", "start", "stop"])
        {
            Assert.Equal(CommandErrors.PolicyDenied, (await _rig.ExecuteAsync(type, Web)).Errors![0].Code);
        }

        Assert.Equal(ReportRequest.Success, (await _rig.ExecuteAsync("health", Web)).Status);
        Assert.DoesNotContain(_rig.Engine.Calls, call => call is "restart" or "start" or "stop");
    }

    [Theory]
    [InlineData("web")]
    [InlineData("front")]
    public async Task A_protected_app_is_never_touched_whichever_name_it_is_called_by(string asked)
    {
        _rig.Docker.Containers.Single(each => each.Name == "web").Labels["drover.app"] = "front";
        _rig.Policy = new HostPolicy { ProtectedApps = ["front"] };
        _rig.Start();

        var report = await _rig.ExecuteAsync("stop", $$"""{"app_code":"{{asked}}"}""");

        Assert.Equal(CommandErrors.PolicyDenied, report.Errors![0].Code);
        Assert.Equal(0, _rig.Engine.Count("stop"));
        Assert.Equal(ReportRequest.Success, (await _rig.ExecuteAsync("stop", Db)).Status);
    }

    [Fact]
    public async Task A_type_that_the_host_does_not_allow_is_denied()
    {
        _rig.Policy = new HostPolicy { AllowedTypes = ["health"] };
        _rig.Start();

        Assert.Equal(CommandErrors.PolicyDenied, (await _rig.ExecuteAsync("logs", Web)).Errors![0].Code);
    }

    [Fact]
    public async Task Commands_are_counted_by_the_control_plane_that_executed_them()
    {
        _rig.Start();
        await _rig.ExecuteAsync("restart", Web);
        await _rig.ExecuteAsync("restart", """{"app_code":"nothing"}""");

        var plane = _rig.Runner.Counters.Snapshot().Planes[ControlPlanes.StatusPanel];
        Assert.Equal((1, 1, 2), (plane.Success, plane.Failed, plane.Buckets.Sum()));
    }

    private TaskCompletionSource HoldUp(string call)
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _heldUp = release;
        _rig.Engine.Before = (made, _, token) => made == call ? release.Task.WaitAsync(token) : Task.CompletedTask;
        return release;
    }

    private async Task AdvanceUntilAsync(Func<bool> condition)
    {
        for (var steps = 0; !condition() && steps < 200; steps++)
        {
            _rig.Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        Assert.True(condition());
    }
}
