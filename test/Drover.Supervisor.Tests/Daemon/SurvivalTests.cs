using Drover.Core.Components;
using Drover.Runtime.Faults;
using Drover.Supervisor.Control;
using Drover.Supervisor.Daemon;

namespace Drover.Supervisor.Tests.Daemon;

/// <summary>What killing a supervisor at any moment does to its components: nothing.</summary>
public sealed class SurvivalTests : IAsyncDisposable
{
    private readonly SupervisorBench _bench = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_killed_supervisor_leaves_components_running_and_the_next_adopts_them_with_their_counters()
    {
        _bench.Write(_bench.Component("web"), _bench.Component("api"));
        await _bench.StartAsync();
        await _bench.UntilAsync("web", ComponentState.Running);
        _bench.Signal(_bench.Instances("web")[0], 9);
        var before = await _bench.UntilAsync(
            "web", status => status is { Restarts: 1, State: ComponentState.Running }, "one restart");
        await _bench.UntilAsync("api", ComponentState.Running);
        await _bench.KillAsync();
        Assert.Single(_bench.Alive("web"));
        Assert.Single(_bench.Alive("api"));

        await _bench.StartAsync();
        var status = await _bench.Client.StatusAsync(Token);
        var after = status.Components[0];
        Assert.Equal("crash", status.PreviousEnd);
        Assert.Equal(
            (before.Pid, before.Instance, before.Restarts, ComponentState.Running),
            (after.Pid, after.Instance, after.Restarts, after.State));
        Assert.InRange((after.StartedAt - before.StartedAt).GetValueOrDefault().Duration(), TimeSpan.Zero, Second);
        Assert.InRange(
            (after.LastRestartAt - before.LastRestartAt).GetValueOrDefault().Duration(), TimeSpan.Zero, Second);

        // And it is kept alive as before, by an event.
        _bench.Signal(after.Pid!.Value, 9);
        await _bench.UntilAsync("web", next => next.Restarts == 2 && next.State == ComponentState.Running, "another");
        _bench.AssertNeverTwo("web");
    }

    [Fact]
    public async Task The_exit_code_of_an_adopted_process_is_known()
    {
        _bench.Write(_bench.Component("web", "sleep 1000 & trap 'kill $!; exit 42' USR1; wait")
            with
        { Mode = RestartMode.Never });
        await _bench.StartAsync();
        await _bench.UntilAsync("web", ComponentState.Running);
        await _bench.KillAsync();
        await _bench.StartAsync();
        _bench.Signal(_bench.Instances("web")[0], 10);
        var status = await _bench.UntilAsync("web", ComponentState.Stopped);
        Assert.Equal("exited with code 42", status.LastCause?.Message);
    }

    [Theory]
    [InlineData(FaultPoints.LaunchRecorded)]
    [InlineData(FaultPoints.LaunchSpawned)]
    [InlineData(FaultPoints.LaunchIdentified)]
    [InlineData(FaultPoints.LaunchRecorded + ":2")]
    [InlineData(FaultPoints.LaunchSpawned + ":2")]
    [InlineData(FaultPoints.LaunchIdentified + ":2")]
    [InlineData(FaultPoints.StopRecorded)]
    public async Task Killed_at_this_point_there_is_one_live_instance_afterwards_and_never_a_second(string point)
    {
        _bench.Write(_bench.Component("web"));
        await _bench.StartDoomedAsync(
            point,
            async () =>
            {
                await _bench.UntilAsync("web", ComponentState.Running);
                await _bench.Client.OrderAsync(ControlVerb.Restart, "web", wait: null, Token);
            });
        await _bench.StartAsync();
        var status = await _bench.UntilAsync("web", ComponentState.Running);
        await SupervisorBench.UntilAsync(() => _bench.Alive("web").Count == 1, "one live instance");
        Assert.Equal(status.Pid, Assert.Single(_bench.Alive("web")));
        _bench.AssertNeverTwo("web");
    }

    [Fact]
    public async Task After_a_clean_stop_nothing_is_left_and_the_next_start_begins_anew()
    {
        _bench.Write(_bench.Component("web"));
        await _bench.StartAsync();
        await _bench.UntilAsync("web", ComponentState.Running);
        var outcome = await _bench.StopAsync();
        Assert.True(outcome.Done);
        Assert.Empty(_bench.Alive("web"));
        Assert.False(SupervisorBench.IsAlive(_bench.Pid));

        await _bench.StartAsync();
        Assert.Equal("clean", (await _bench.Client.StatusAsync(Token)).PreviousEnd);
        await _bench.UntilAsync("web", ComponentState.Running);
    }

    [Fact]
    public async Task What_an_operator_stopped_rests_over_a_crash_of_the_supervisor_and_a_backoff_goes_on()
    {
        _bench.Write(_bench.Component("web"), _bench.Component("api", "exit 3") with { MinUptimeSeconds = 100 });
        await _bench.StartAsync();
        await _bench.UntilAsync("web", ComponentState.Running);
        await _bench.Client.OrderAsync(ControlVerb.Stop, "web", wait: null, Token);
        var before = await _bench.UntilAsync("api", status => status.Restarts == 2, "the third run");
        await _bench.KillAsync();
        await _bench.StartAsync();
        Assert.Equal(ComponentState.Stopped, (await _bench.StatusAsync("web")).State);
        Assert.Single(_bench.Instances("web"));
        Assert.InRange((await _bench.StatusAsync("api")).Restarts, 2, 3);
        Assert.Equal(2, before.Restarts);
    }

    [Fact]
    public async Task Of_two_started_at_once_one_runs_and_the_other_says_who()
    {
        _bench.Write(_bench.Component("web"));
        var starts = Enumerable.Range(0, 2)
            .Select(_ => SupervisorLauncher.StartAsync(_bench.Spec(), TimeProvider.System, Token))
            .ToList();
        await Task.WhenAll(starts.Select(start => start.ContinueWith(_ => { }, TaskScheduler.Default)));
        var refused = Assert.Single(starts, start => start.IsFaulted);
        var error = Assert.IsType<SupervisorStartException>(refused.Exception!.InnerException);
        Assert.StartsWith("cannot start a second supervisor on", error.Message, StringComparison.Ordinal);
        var pid = await starts.Single(start => start.IsCompletedSuccessfully);
        Assert.Equal(pid, (await _bench.Client.StatusAsync(Token)).Pid);
        await _bench.UntilAsync("web", ComponentState.Running);
        Assert.Single(_bench.Instances("web"));
        await _bench.StopAsync();
    }

    [Fact]
    public async Task What_was_taken_out_of_the_file_while_no_supervisor_ran_is_asked_to_end_by_the_next_start()
    {
        _bench.Write(
            _bench.Component("web"),
            _bench.Component("old", "trap 'echo asked > asked; kill $!; exit 0' TERM; sleep 1000 & wait"));
        await _bench.StartAsync();
        await _bench.UntilAsync("web", ComponentState.Running);
        await SupervisorBench.UntilAsync(() => _bench.Alive("old").Count == 1, "the start of old");
        await _bench.KillAsync();
        _bench.Write(_bench.Component("web"));

        await _bench.StartAsync();

        await SupervisorBench.UntilAsync(() => _bench.Alive("old").Count == 0, "the end of old");
        Assert.True(File.Exists(Path.Combine(_bench.Directory, "asked")));
        await SupervisorBench.UntilAsync(
            () => Directory.GetFiles(Path.Combine(_bench.Data, "supervisor", "state")).Length == 1, "its record to go");
        Assert.Single(_bench.Alive("web"));
        Assert.Single(_bench.Instances("web"));
    }

    [Fact]
    public async Task Without_a_supervisor_the_status_says_what_still_runs_and_never_guesses()
    {
        var components = new[] { _bench.Component("web"), _bench.Component("api") };
        var document = new Drover.Supervisor.Documents.SupervisorDocument(
            [.. components.Select(one => one.ToDocument(_bench.Directory))]);
        _bench.Write(components);
        var never = (await AtRestAsync(document))!;
        Assert.All(never.Components, one => Assert.Equal(ComponentState.Stopped, one.State));

        await _bench.StartAsync();
        await _bench.UntilAsync("web", ComponentState.Running);
        await _bench.UntilAsync("api", ComponentState.Running);
        Assert.Null(await AtRestAsync(document));
        await _bench.KillAsync();
        _bench.Signal(_bench.Instances("api")[0], 9);
        await SupervisorBench.UntilAsync(() => _bench.Alive("api").Count == 0, "the end of api");

        var status = (await AtRestAsync(document))!;
        Assert.Null(status.Pid);
        Assert.Equal(
            (ComponentState.Running, ComponentHealth.Unknown, (int?)_bench.Instances("web")[0]),
            (status.Components[0].State, status.Components[0].Health, status.Components[0].Pid));
        Assert.Equal(
            (ComponentState.Stopped, ComponentHealth.Stopped, (int?)null),
            (status.Components[1].State, status.Components[1].Health, status.Components[1].Pid));
    }

    private Task<SupervisorStatus?> AtRestAsync(Drover.Supervisor.Documents.SupervisorDocument document) =>
        RestingStatus.ReadAsync(
            _bench.Data,
            document,
            "1",
            () => throw new InvalidOperationException("no container is among them"),
            TimeProvider.System,
            Token);

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    public ValueTask DisposeAsync() => _bench.DisposeAsync();
}
