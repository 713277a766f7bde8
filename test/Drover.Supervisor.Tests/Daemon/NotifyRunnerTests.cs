using Drover.Supervisor.Components;
using Drover.Supervisor.Daemon;
using Drover.Testing.Agents;
using Drover.Testing.Executable;
using Drover.Testing.Time;

namespace Drover.Supervisor.Tests.Daemon;

/// <summary>When a service manager hears what, by a clock that the test moves.</summary>
public sealed class NotifyRunnerTests : IAsyncDisposable
{
    private static readonly TimeSpan Watchdog = TimeSpan.FromSeconds(60);

    private readonly TemporaryDirectory _directory = new();
    private readonly FakeClock _clock = new();
    private readonly FakeServiceManager _manager;
    private readonly FakeServiceManager _starter;
    private Task _ping = Task.CompletedTask;
    private NotifyRunner? _runner;

    public NotifyRunnerTests() =>
        (_manager, _starter) = (new FakeServiceManager(_directory.Path), new FakeServiceManager(_directory.Path));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        if (_runner is not null)
        {
            await _runner.DisposeAsync();
        }

        _manager.Dispose();
        _starter.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task The_watchdog_is_fed_at_half_its_time_and_never_while_a_loop_does_not_answer()
    {
        Runner(watchdog: Watchdog).Ready();
        for (var fed = 1; fed <= 3; fed++)
        {
            await _clock.WaitForTimerAsync(Watchdog / 2, Token);
            _clock.Advance((Watchdog / 2) - TimeSpan.FromMilliseconds(1));
            Assert.Equal(fed - 1, _manager.Count("WATCHDOG=1"));
            _clock.Advance(TimeSpan.FromMilliseconds(1));
            await _manager.UntilAsync(() => _manager.Count("WATCHDOG=1") == fed, $"{fed} pings");
        }

        await _clock.WaitForTimerAsync(Watchdog / 2, Token);
        var hanging = new TaskCompletionSource();
        _ping = hanging.Task;
        _clock.Advance(Watchdog / 2);
        _clock.Advance(Watchdog * 10);
        await EverythingHeardAsync();
        Assert.Equal(3, _manager.Count("WATCHDOG=1"));

        hanging.SetResult();
        await _manager.UntilAsync(() => _manager.Count("WATCHDOG=1") == 4, "the next ping");
    }

    [Fact]
    public async Task An_end_asks_for_more_time_as_long_as_components_may_take_it_and_no_longer()
    {
        var runner = Runner();
        runner.Ready();
        runner.Stopping(NotifyRunner.ExtensionPause * 2);

        Assert.Equal(
            "STOPPING=1\nEXTEND_TIMEOUT_USEC=30000000\nSTATUS=2 components", await _manager.UntilAsync("STOPPING=1"));
        for (var extended = 1; extended <= 2; extended++)
        {
            await _clock.WaitForTimerAsync(NotifyRunner.ExtensionPause, Token);
            _clock.Advance(NotifyRunner.ExtensionPause);
            await _manager.UntilAsync(
                () => _manager.Count("EXTEND_TIMEOUT_USEC=30000000") == 1 + extended, $"{extended} more");
        }

        await _clock.WaitForTimerAsync(NotifyRunner.ExtensionPause, Token);
        _clock.Advance(NotifyRunner.ExtensionPause * 100);
        await EverythingHeardAsync();
        Assert.Equal(3, _manager.Count("EXTEND_TIMEOUT_USEC=30000000"));
    }

    [Fact]
    public async Task Who_put_it_into_the_background_hears_alone_that_it_is_ready_and_the_manager_all_after()
    {
        var runner = Runner(hasStarter: true);
        runner.Ready();

        Assert.Equal("READY=1\nSTATUS=2 components", await _starter.UntilAsync("READY=1"));
        await _manager.UntilAsync("STATUS=2 components");
        runner.Reloading();
        runner.Reloaded("cannot read it\nat all");
        Assert.StartsWith(
            "RELOADING=1\nMONOTONIC_USEC=", await _manager.UntilAsync("RELOADING=1"), StringComparison.Ordinal);
        Assert.Equal("READY=1\nSTATUS=2 components; cannot read it at all", await _manager.UntilAsync("READY=1"));
        runner.Stopping(TimeSpan.Zero);
        Assert.EndsWith(
            "\nSTATUS=2 components; cannot read it at all",
            await _manager.UntilAsync("STOPPING=1"),
            StringComparison.Ordinal);
        Assert.Single(_starter.Heard);
    }

    /// <summary>What was sent before this was sent before it was heard.</summary>
    private async Task EverythingHeardAsync()
    {
        var mark = $"STATUS={Guid.NewGuid():N}";
        new NotifySocket(_manager.Address).Send(mark);
        await _manager.UntilAsync(mark);
    }

    private NotifyRunner Runner(bool hasStarter = false, TimeSpan? watchdog = null) => _runner = new NotifyRunner(
        new NotifyParts
        {
            Starter = new NotifySocket(hasStarter ? _starter.Address : null),
            Manager = new NotifySocket(_manager.Address),
            Watchdog = watchdog,
            Ping = _ => _ping,
            Status = () => "2 components",
            NextChange = () => new TaskCompletionSource().Task,
            Clock = new MonotonicClock(_clock),
        });
}
