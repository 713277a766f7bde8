using Drover.Core.Components;
using Drover.Supervisor.Control;
using Drover.Testing.Agents;

namespace Drover.Supervisor.Tests.Daemon;

/// <summary>The disk under a whole supervisor is full.</summary>
public sealed class DiskFullTests : IAsyncDisposable
{
    private readonly SmallDisk _disk = new(megabytes: 4);
    private readonly SupervisorBench _bench;

    public DiskFullTests() => _bench = new SupervisorBench(_disk.Path);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Components_are_kept_alive_the_status_says_so_and_what_was_acknowledged_is_there_afterwards()
    {
        _bench.Write(_bench.Component("web"), _bench.Component("api"));
        await _bench.StartAsync();
        await _bench.UntilAsync("api", ComponentState.Running);
        await _bench.UntilAsync("web", ComponentState.Running);
        Assert.Empty(await WarningsAsync());

        _disk.Fill();
        await CrashUntilAsync("cannot write down what is known of \"web\": the disk is full; make room on it");
        await CrashUntilAsync("cannot write the history of restarts: the disk is full; make room on it");
        Assert.True((await _bench.Client.OrderAsync(ControlVerb.Stop, "api", wait: null, Token)).Done);
        await UntilWarningsAsync(
            all => all.Any(one => one.StartsWith("the disk of ", StringComparison.Ordinal)
                && one.EndsWith("make room on it", StringComparison.Ordinal)),
            "the full disk to be told");
        var before = await _bench.StatusAsync("web");
        Assert.Equal(ComponentState.Running, before.State);
        Assert.Equal(before.Restarts, (await _bench.Client.HistoryAsync("web", 1000, Token)).Count);

        _disk.Free();
        await UntilWarningsAsync(all => all.Count == 0, "all to be well again");
        await _bench.KillAsync();
        await _bench.StartAsync();

        var after = await _bench.StatusAsync("web");
        Assert.Equal(
            (before.Pid, before.Restarts, ComponentState.Running), (after.Pid, after.Restarts, after.State));
        Assert.Equal(after.Restarts, (await _bench.Client.HistoryAsync("web", 1000, Token)).Count);
        Assert.Equal(ComponentState.Stopped, (await _bench.StatusAsync("api")).State);
        Assert.Empty(_bench.Alive("api"));
        _bench.AssertNeverTwo("web");
    }

    [Fact]
    public async Task An_instance_of_which_nothing_could_be_recorded_is_ended_before_another_begins()
    {
        _bench.Write(_bench.Component("web"));
        await _bench.StartAsync();
        await _bench.UntilAsync("web", ComponentState.Running);
        _disk.Fill();
        await CrashUntilAsync("cannot write down what is known of \"web\"");
        var unknown = await _bench.StatusAsync("web");
        await _bench.KillAsync();
        Assert.True(SupervisorBench.IsAlive(unknown.Pid!.Value));
        _disk.Free();

        await _bench.StartAsync();

        await _bench.UntilAsync("web", one => one.State is ComponentState.Running && one.Pid != unknown.Pid, "another");
        Assert.False(SupervisorBench.IsAlive(unknown.Pid.Value));
        await SupervisorBench.UntilAsync(() => _bench.Alive("web").Count == 1, "one live instance");
        _bench.AssertNeverTwo("web");
    }

    public async ValueTask DisposeAsync()
    {
        await _bench.DisposeAsync();
        _disk.Dispose();
    }

    /// <summary>The last page of a file has room for some more, so one crash may not be enough.</summary>
    private async Task CrashUntilAsync(string warning)
    {
        for (var crash = 0; crash < 40; crash++)
        {
            var status = await _bench.StatusAsync("web");
            _bench.Signal(status.Pid!.Value, 9);
            await _bench.UntilAsync(
                "web",
                one => one.State is ComponentState.Running && one.Instance > status.Instance,
                "a restart on a full disk");
            await _bench.Client.HistoryAsync("web", 1, Token);
            if ((await WarningsAsync()).Any(one => one.StartsWith(warning, StringComparison.Ordinal)))
            {
                return;
            }
        }

        Assert.Fail($"no warning after 40 crashes, only: {string.Join("; ", await WarningsAsync())}");
    }

    private async Task<IReadOnlyList<string>> WarningsAsync() => (await _bench.Client.StatusAsync(Token)).Warnings;

    private async Task UntilWarningsAsync(Func<IReadOnlyList<string>, bool> wanted, string what)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(25));
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, Token);
        IReadOnlyList<string> last = [];
        try
        {
            await foreach (var status in _bench.Client.WatchAsync(either.Token))
            {
                last = status.Warnings;
                if (wanted(last))
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            // Told below.
        }

        Assert.Fail($"waited in vain for {what}; last: {string.Join("; ", last)}\n{_bench.Log()}");
    }
}
