using System.Collections.Concurrent;
using Drover.Runtime.Docker.Containers;
using Drover.Wire.Commands;

namespace Drover.HostAgent.Metrics;

/// <summary>
/// Reads what a running container uses from cgroup files (v1 and v2) and /proc, never from the engine's stats API,
/// which costs the engine a second per container. The process id must belong to the container: an engine on another
/// machine, or an agent in a process namespace of its own, gives nothing and not another process's numbers. What
/// cannot be read is null.
/// </summary>
internal sealed class ContainerMetricsReader
{
    private const double BytesPerMebibyte = 1024 * 1024;
    private const int MaxSamples = 4096;
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan OldestSample = TimeSpan.FromSeconds(60);

    private readonly string _proc;
    private readonly string _cgroups;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, CpuSample> _samples = new(StringComparer.Ordinal);

    /// <param name="time">For the sampling window.</param>
    /// <param name="proc">Where procfs is mounted.</param>
    /// <param name="cgroups">Where the cgroup hierarchies are mounted.</param>
    public ContainerMetricsReader(TimeProvider time, string proc = "/proc", string cgroups = "/sys/fs/cgroup") =>
        (_time, _proc, _cgroups) = (time, proc, cgroups);

    /// <summary>Reads them; null when the container does not run or nothing of it can be read here.</summary>
    public async Task<ContainerMetricsDto?> ReadAsync(ContainerInspect container, CancellationToken cancellationToken)
    {
        var pid = container.State.Pid;
        var files = pid > 0 ? CgroupFiles.Find(_proc, _cgroups, pid, container.Id) : null;
        if (files is null)
        {
            return null;
        }

        var cpu = await CpuPercentAsync(container.Id, files, cancellationToken);
        var limit = files.MemoryLimit();
        var machine = ProcFiles.MemoryTotal(_proc);
        limit = machine is { } total && limit >= total ? null : limit;
        var usage = files.MemoryWorkingSet();

        // In the host's own network namespace the counters are the machine's, not the container's.
        var (received, sent) =
            container.HostConfig.NetworkMode is "host" ? (null, null) : ProcFiles.NetworkBytes(_proc, pid);
        return new ContainerMetricsDto(
            cpu,
            usage is { } used && (limit ?? machine) is { } whole and > 0 ? Math.Round(100.0 * used / whole, 2) : null,
            usage is { } bytes ? Math.Round(bytes / BytesPerMebibyte, 2) : null,
            limit,
            received,
            sent);
    }

    private async Task<double?> CpuPercentAsync(string id, CgroupFiles files, CancellationToken cancellationToken)
    {
        if (!_samples.TryGetValue(id, out var before) || !IsUsable(before, files))
        {
            if (files.CpuNanoseconds() is not { } first)
            {
                return null;
            }

            before = new CpuSample(_time.GetTimestamp(), first);
            await Task.Delay(Window, _time, cancellationToken);
        }

        if (files.CpuNanoseconds() is not { } now)
        {
            return null;
        }

        var after = new CpuSample(_time.GetTimestamp(), now);
        if (_samples.Count >= MaxSamples)
        {
            _samples.Clear();
        }

        _samples[id] = after;
        var elapsed = _time.GetElapsedTime(before.At, after.At);
        return elapsed > TimeSpan.Zero
            ? Math.Round((after.Nanoseconds - before.Nanoseconds) / (elapsed.TotalSeconds * 1e7), 2)
            : null;
    }

    private bool IsUsable(CpuSample before, CgroupFiles files)
    {
        var age = _time.GetElapsedTime(before.At);

        // A counter that went back is another run of the container.
        return age >= Window && age <= OldestSample && files.CpuNanoseconds() >= before.Nanoseconds;
    }

    private readonly record struct CpuSample(long At, long Nanoseconds);
}
