using Drover.Core.Components;
using Drover.Supervisor.Control;

namespace Drover.Supervisor.Tests.Daemon;

/// <summary>Orders that meet each other.</summary>
public sealed class OrdersAtOnceTests : IAsyncDisposable
{
    private readonly SupervisorBench _bench = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null)]
    [InlineData("a")]
    public async Task After_a_stop_in_the_midst_of_a_restart_nothing_runs(string? restarted)
    {
        _bench.Write(
            _bench.Component("a", "trap 'sleep 0.5; exit 0' TERM; while :; do sleep 0.05; done"),
            _bench.Component("b"));
        await _bench.StartAsync();
        await _bench.UntilAsync("a", ComponentState.Running);
        await _bench.UntilAsync("b", ComponentState.Running);
        var restart = _bench.Client.OrderAsync(ControlVerb.Restart, restarted, wait: null, Token);
        await _bench.UntilAsync("a", ComponentState.Stopping);

        var stopped = await _bench.StopAsync();

        Assert.True(stopped.Done);
        Assert.All(stopped.Components, one => Assert.Equal(ComponentState.Stopped, one.State));
        Assert.Empty(_bench.Alive("a"));
        Assert.Empty(_bench.Alive("b"));
        await restart.ContinueWith(_ => { }, TaskScheduler.Default);
    }

    public ValueTask DisposeAsync() => _bench.DisposeAsync();
}
