using Drover.Core.Components;
using Drover.Testing.Executable;

namespace Drover.Supervisor.Tests.Daemon;

/// <summary>A real supervisor under a watchdog: its word comes from the loops that keep components, or not at
/// all.</summary>
public sealed class WatchdogTests : IAsyncDisposable
{
    private readonly SupervisorBench _bench = new();
    private readonly FakeServiceManager _manager;

    public WatchdogTests() => _manager = new FakeServiceManager(_bench.Directory);

    public async ValueTask DisposeAsync()
    {
        _manager.Dispose();
        await _bench.DisposeAsync();
    }

    [Fact]
    public async Task The_pings_stop_while_the_loop_of_one_component_hangs_although_the_others_go_on()
    {
        _bench.Write(_bench.Component("web"), _bench.Component("api"));
        await _bench.StartAsync(environment: new Dictionary<string, string>
        {
            ["NOTIFY_SOCKET"] = _manager.Address,
            ["WATCHDOG_USEC"] = "200000",
        });
        await _bench.UntilAsync("web", ComponentState.Running);
        await _bench.UntilAsync("api", ComponentState.Running);
        await _manager.UntilAsync(() => _manager.Count("WATCHDOG=1") >= 3, "three pings");

        var hang = PlayedSupervisor.HangFileOf(_bench.Directory);
        await File.WriteAllTextAsync(hang, "", TestContext.Current.CancellationToken);
        _bench.Signal(_bench.Instances("web")[0], 9);
        await _manager.UntilAsync(
            () => _manager.Since("WATCHDOG=1") > TimeSpan.FromSeconds(1), "five times the watchdog without a ping");
        Assert.Equal(ComponentState.Running, (await _bench.StatusAsync("api")).State);

        File.Delete(hang);
        var fed = _manager.Count("WATCHDOG=1");
        await _manager.UntilAsync(() => _manager.Count("WATCHDOG=1") > fed, "another ping");
        await _bench.UntilAsync("web", one => one is { Instance: 2, State: ComponentState.Running }, "its restart");
        Assert.True((await _bench.StopAsync()).Done);
    }
}
