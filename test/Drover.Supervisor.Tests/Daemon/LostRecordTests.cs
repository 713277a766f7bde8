using System.Runtime.InteropServices;
using Drover.Core.Components;
using Drover.Runtime.Processes;
using Drover.Supervisor.State;
using Drover.Testing.Agents;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.Supervisor.Tests.Daemon;

/// <summary>What a start does that finds less on disk than runs, or something of another boot.</summary>
public sealed partial class LostRecordTests : IAsyncDisposable
{
    private const ulong Bind = 4096;
    private const int Detach = 2;

    private readonly SupervisorBench _bench = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string States => Path.Combine(_bench.Data, "supervisor", "state");

    private string RunFile => Path.Combine(_bench.Data, "supervisor", "run.json");

    [Fact]
    public async Task An_instance_that_a_full_disk_kept_no_record_of_is_ended_before_another_is_started()
    {
        _bench.Write(_bench.Component("web"));
        await _bench.StartAsync();
        await _bench.StopAsync();
        using var disk = new SmallDisk(megabytes: 1);
        Assert.Equal(0, Mount(disk.Path, States, null, Bind, 0));
        try
        {
            await _bench.StartAsync();
            var recorded = await _bench.UntilAsync("web", ComponentState.Running);
            disk.Fill();

            // The last page of the file has room for a few records more, the shorter ones last.
            var unrecorded = recorded;
            for (var refused = 0; refused < 3;)
            {
                var before = unrecorded;
                _bench.Signal(before.Pid!.Value, 9);
                unrecorded = await _bench.UntilAsync(
                    "web",
                    one => one.Instance > before.Instance && one.State is ComponentState.Running,
                    "the next one");
                refused += (await _bench.Client.StatusAsync(Token)).Warnings.Count > 0 ? 1 : 0;
            }

            await _bench.KillAsync();
            disk.Free();
            Assert.Equal([unrecorded.Pid!.Value], _bench.Alive("web"));

            await _bench.StartAsync();
            var found = await _bench.UntilAsync("web", ComponentState.Running);
            Assert.True(
                found.Instance > unrecorded.Instance, $"number {found.Instance} is used twice:\n{_bench.Log()}");
            Assert.False(SupervisorBench.IsAlive(unrecorded.Pid!.Value));
            Assert.Equal([found.Pid!.Value], _bench.Alive("web"));
            _bench.AssertNeverTwo("web");
            await _bench.StopAsync();
        }
        finally
        {
            _ = Unmount(States, Detach);
        }
    }

    [Fact]
    public async Task What_a_crashed_supervisor_left_of_a_component_that_is_in_the_file_no_more_is_ended()
    {
        _bench.Write(_bench.Component("web"), _bench.Component("old"));
        await _bench.StartAsync();
        await _bench.UntilAsync("web", ComponentState.Running);
        await _bench.UntilAsync("old", ComponentState.Running);
        await _bench.KillAsync();
        _bench.Write(_bench.Component("web"));
        await _bench.StartAsync();
        await SupervisorBench.UntilAsync(() => _bench.Alive("old").Count == 0, "the end of what was left");
        await SupervisorBench.UntilAsync(
            () => !File.Exists(Path.Combine(States, "old.state")), "the end of its record");
        Assert.Single(_bench.Alive("web"));
        _bench.AssertNeverTwo("web");
    }

    [Fact]
    public async Task A_record_of_an_earlier_boot_signals_nobody_and_its_counters_go_on()
    {
        _bench.Write(_bench.Component("web"));
        await _bench.StartAsync();
        await _bench.UntilAsync("web", ComponentState.Running);
        _bench.Signal(_bench.Instances("web")[0], 9);
        var before = await _bench.UntilAsync(
            "web", one => one is { Restarts: 1, State: ComponentState.Running }, "one restart");
        await _bench.KillAsync();
        await PretendEarlierBootAsync("web");

        await _bench.StartAsync();
        Assert.Equal("reboot", (await _bench.Client.StatusAsync(Token)).PreviousEnd);
        var after = await _bench.UntilAsync("web", ComponentState.Running);
        Assert.Equal((before.Instance + 1, before.Restarts), (after.Instance, after.Restarts));

        // By its number and start it would be the recorded one; of another boot it is anybody's.
        Assert.True(SupervisorBench.IsAlive(before.Pid!.Value));
    }

    [Fact]
    public async Task A_stale_socket_and_a_lock_file_of_a_dead_process_are_harmless()
    {
        _bench.Write(_bench.Component("web"));
        await _bench.StartAsync();
        await _bench.UntilAsync("web", ComponentState.Running);
        await _bench.KillAsync();
        Assert.True(File.Exists(Path.Combine(_bench.Data, "supervisor", "lock")));
        Assert.NotEmpty(Directory.GetFiles(Path.Combine(_bench.Data, "supervisor"), "*sock*"));
        await _bench.StartAsync();
        await _bench.UntilAsync("web", ComponentState.Running);
        Assert.Single(_bench.Alive("web"));
    }

    [Fact]
    public async Task The_window_of_restarts_and_the_count_of_bad_runs_survive_a_kill_of_the_supervisor()
    {
        _bench.Write(_bench.Component("web", "exit 3") with { MinUptimeSeconds = 100, Limit = 2 });
        await _bench.StartAsync();
        await _bench.UntilAsync("web", one => one.Restarts == 1, "the first restart");
        await _bench.KillAsync();
        await _bench.StartAsync();
        var status = await _bench.UntilAsync("web", ComponentState.Failed);
        Assert.Equal(2, status.Restarts);
        Assert.Equal(3, _bench.Instances("web").Count);
    }

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    private async Task PretendEarlierBootAsync(string component)
    {
        var run = await File.ReadAllTextAsync(RunFile, Token);
        await File.WriteAllTextAsync(
            RunFile, run.Replace(ProcessIdentity.CurrentBootId, "an-earlier-boot", StringComparison.Ordinal), Token);
        using var store = StateStore.Open(Path.Combine(States, component + ".state"), NullLogger.Instance);
        store.Write(store.Recorded! with { Boot = "an-earlier-boot" });
    }

    [LibraryImport("libc", EntryPoint = "mount", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Mount(string source, string target, string? type, ulong flags, nint data);

    [LibraryImport("libc", EntryPoint = "umount2", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Unmount(string target, int flags);
}
