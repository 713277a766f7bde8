using System.Globalization;
using Drover.Core.Components;
using Drover.Supervisor.Control;

namespace Drover.Supervisor.Tests.Daemon;

/// <summary>Something that a kill does not end holds up its own component and nothing else.</summary>
public sealed class UnkillableTests : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly SupervisorBench _bench = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string HelperFile => Path.Combine(_bench.Directory, "web.helper");

    private int Helper => int.Parse(File.ReadAllText(HelperFile), CultureInfo.InvariantCulture);

    [Fact]
    public async Task A_start_that_finds_it_is_ready_keeps_the_others_names_it_and_answers_orders()
    {
        await StartAsync();
        using var frozen = new FrozenProcess(Helper);
        await _bench.KillAsync();
        _bench.Signal(_bench.Instances("web")[0], 9);

        await _bench.StartAsync();
        var web = await _bench.UntilAsync(
            "web",
            one => one.LastError?.Contains($"process {Helper} (sleep", StringComparison.Ordinal) is true,
            "a name");
        Assert.Equal((ComponentState.Stopping, (int?)null, false), (web.State, web.Pid, web.Ready));
        Assert.Equal(ComponentState.Running, (await _bench.StatusAsync("api")).State);
        _bench.Signal(_bench.Instances("api")[0], 9);
        await _bench.UntilAsync(
            "api", one => one is { Restarts: 1, State: ComponentState.Running }, "a restart of api");

        var restart = await _bench.Client.OrderAsync(ControlVerb.Restart, "web", wait: null, Token)
            .WaitAsync(Limit, Token);
        Assert.False(restart.Done);
        Assert.Single(_bench.Instances("web"));

        frozen.Thaw();
        await _bench.UntilAsync("web", ComponentState.Running);
        Assert.Equal(2, _bench.Instances("web").Count);
        Assert.False(
            SupervisorBench.IsAlive(Helper) && Helper == _firstHelper, "the helper lives beside the next instance");
        Assert.Contains(
            await _bench.Client.HistoryAsync("web", 10, Token), entry => entry.Instance == 1);
        await _bench.StopAsync();
    }

    [Fact]
    public async Task The_end_of_everything_does_not_wait_for_it_and_says_what_lives_on()
    {
        await StartAsync();
        using var frozen = new FrozenProcess(Helper);
        _bench.Signal(_bench.Instances("web")[0], 9);
        await _bench.UntilAsync(
            "web",
            one => one.LastError?.Contains($"process {Helper} (sleep", StringComparison.Ordinal) is true,
            "a name");

        var stopped = await _bench.StopAsync().WaitAsync(Limit, Token);
        Assert.True(stopped.Done);
        Assert.Equal(
            [("web", ComponentState.Stopping), ("api", ComponentState.Stopped)],
            stopped.Components.Select(one => (one.Name, one.State)));

        await _bench.StartAsync();
        await _bench.UntilAsync("api", ComponentState.Running);
        Assert.Single(_bench.Instances("web"));
        frozen.Thaw();
        await _bench.UntilAsync("web", ComponentState.Running);
        await _bench.StopAsync();
    }

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    private int _firstHelper;

    private async Task StartAsync()
    {
        _bench.Write(
            _bench.Component(
                "web",
                $"setsid sleep 1000 9>&- & echo $! > {HelperFile}.new; mv {HelperFile}.new {HelperFile}; wait"),
            _bench.Component("api"));
        await _bench.StartAsync();
        await _bench.UntilAsync("web", ComponentState.Running);
        await _bench.UntilAsync("api", ComponentState.Running);
        await SupervisorBench.UntilAsync(() => File.Exists(HelperFile), "the helper");
        _firstHelper = Helper;
    }
}
