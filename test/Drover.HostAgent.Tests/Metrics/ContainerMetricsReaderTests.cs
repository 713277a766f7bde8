using Drover.HostAgent.Metrics;
using Drover.Runtime.Docker.Containers;
using Drover.Testing.Agents;
using Drover.Testing.Time;
using Drover.Wire.Commands;

namespace Drover.HostAgent.Tests.Metrics;

/// <summary>cgroup v1, v2 and hybrid machines as directories of files.</summary>
public sealed class ContainerMetricsReaderTests : IDisposable
{
    private const string Id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    private const int Pid = 4242;

    private readonly TemporaryDirectory _machine = new();
    private readonly FakeClock _clock = new();

    public ContainerMetricsReaderTests()
    {
        File("proc/meminfo", "MemTotal:        8388608 kB\nMemFree: 1 kB\n");
        File(
            $"proc/{Pid}/net/dev",
            """
            Inter-|   Receive                                                |  Transmit
             face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
                lo:    9000      10    0    0    0     0          0         0     9000      10    0    0    0     0       0          0
              eth0:    1000       7    0    0    0     0          0         0      250       3    0    0    0     0       0          0
              eth1:      11       1    0    0    0     0          0         0        4       1    0    0    0     0       0          0
            """);
    }

    public void Dispose() => _machine.Dispose();

    [Fact]
    public async Task Cgroup_v1_gives_processor_memory_and_network()
    {
        File($"proc/{Pid}/cgroup", $"4:memory:/docker/{Id}\n2:cpu,cpuacct:/docker/{Id}\n1:name=systemd:/docker/{Id}\n");
        File($"cgroup/memory/docker/{Id}/memory.usage_in_bytes", "209715200\n");
        File($"cgroup/memory/docker/{Id}/memory.limit_in_bytes", "1073741824\n");
        File($"cgroup/memory/docker/{Id}/memory.stat", "cache 1\ninactive_file 1\ntotal_inactive_file 104857600\n");

        var metrics =
            await ReadAsync(nanoseconds => File($"cgroup/cpu,cpuacct/docker/{Id}/cpuacct.usage", $"{nanoseconds}\n"));

        Assert.Equal(new ContainerMetricsDto(50, 9.77, 100, 1073741824, 1011, 254), metrics);
    }

    [Fact]
    public async Task Cgroup_v2_gives_processor_memory_and_network()
    {
        var scope = $"system.slice/docker-{Id}.scope";
        File($"proc/{Pid}/cgroup", $"0::/{scope}\n");
        File($"cgroup/{scope}/memory.current", "209715200\n");
        File($"cgroup/{scope}/memory.max", "max\n");
        File($"cgroup/{scope}/memory.stat", "anon 1\ninactive_file 104857600\n");

        var metrics = await ReadAsync(
            nanoseconds => File($"cgroup/{scope}/cpu.stat", $"usage_usec {nanoseconds / 1000}\nuser_usec 1\n"));

        Assert.Equal(new ContainerMetricsDto(50, 1.22, 100, null, 1011, 254), metrics);
    }

    [Fact]
    public async Task On_a_hybrid_machine_the_v1_controllers_count()
    {
        File($"proc/{Pid}/cgroup", $"4:memory:/docker/{Id}\n2:cpuacct:/docker/{Id}\n0::/docker/{Id}\n");
        File($"cgroup/memory/docker/{Id}/memory.usage_in_bytes", "1048576\n");
        File($"cgroup/memory/docker/{Id}/memory.limit_in_bytes", "9223372036854771712\n");
        Directory.CreateDirectory(_machine.File($"cgroup/unified/docker/{Id}"));

        var metrics =
            await ReadAsync(nanoseconds => File($"cgroup/cpuacct/docker/{Id}/cpuacct.usage", $"{nanoseconds}\n"));

        Assert.Equal((50, 1, (long?)null), (metrics!.CpuPct, metrics.MemUsageMb, metrics.MemLimitBytes));
    }

    [Fact]
    public async Task What_cannot_be_read_is_null_and_the_rest_is_there()
    {
        File($"proc/{Pid}/cgroup", $"0::/docker/{Id}\n");

        Assert.Equal(
            new ContainerMetricsDto(null, null, null, null, 1011, 254),
            await ReaderOf().ReadAsync(Container(), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_process_that_is_not_of_the_container_gives_nothing()
    {
        File($"proc/{Pid}/cgroup", "0::/system.slice/ssh.service\n");

        Assert.Null(await ReaderOf().ReadAsync(Container(), TestContext.Current.CancellationToken));
        Assert.Null(
            await ReaderOf().ReadAsync(
                Container() with { State = new ContainerState { Pid = 0 } }, TestContext.Current.CancellationToken));
        Assert.Null(
            await ReaderOf().ReadAsync(
                Container() with { State = new ContainerState { Pid = 1 } }, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_container_in_the_hosts_network_does_not_claim_the_machines_traffic()
    {
        File($"proc/{Pid}/cgroup", $"0::/docker/{Id}\n");
        var container = Container() with { HostConfig = new HostConfig { NetworkMode = "host" } };

        Assert.Null((await ReaderOf().ReadAsync(container, TestContext.Current.CancellationToken))!.RxBytes);
    }

    [Fact]
    public async Task A_second_look_measures_since_the_first_and_does_not_wait()
    {
        File($"proc/{Pid}/cgroup", $"0::/docker/{Id}\n");
        File($"cgroup/docker/{Id}/cpu.stat", "usage_usec 0\n");
        var reader = ReaderOf();
        var first = reader.ReadAsync(Container(), TestContext.Current.CancellationToken);
        await _clock.WaitForTimerAsync(TimeSpan.FromMilliseconds(200), TestContext.Current.CancellationToken);
        _clock.Advance(TimeSpan.FromMilliseconds(200));
        await first;

        _clock.Advance(TimeSpan.FromSeconds(10));
        File($"cgroup/docker/{Id}/cpu.stat", "usage_usec 1000000\n");

        Assert.Equal(10, (await reader.ReadAsync(Container(), TestContext.Current.CancellationToken))!.CpuPct);
    }

    private async Task<ContainerMetricsDto?> ReadAsync(Action<long> useProcessor)
    {
        useProcessor(1_000_000_000);
        var reading = ReaderOf().ReadAsync(Container(), TestContext.Current.CancellationToken);
        await _clock.WaitForTimerAsync(TimeSpan.FromMilliseconds(200), TestContext.Current.CancellationToken);
        useProcessor(1_100_000_000);
        _clock.Advance(TimeSpan.FromMilliseconds(200));
        return await reading;
    }

    private ContainerMetricsReader ReaderOf() => new(_clock, _machine.File("proc"), _machine.File("cgroup"));

    private static ContainerInspect Container() =>
        new() { Id = Id, State = new ContainerState { Pid = Pid, Status = "running" } };

    private void File(string path, string content)
    {
        var full = _machine.File(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        System.IO.File.WriteAllText(full, content);
    }
}
