using System.Globalization;

namespace Drover.HostAgent.Metrics;

/// <summary>
/// The cgroup files of one container. With v1 each controller has a hierarchy of its own, with v2 there is one; a
/// hybrid machine has both and the v1 controllers count. Files: kernel
/// Documentation/admin-guide/cgroup-v1/{memory,cpuacct}.rst and cgroup-v2.rst.
/// </summary>
internal sealed class CgroupFiles
{
    // v1 says "no limit" with the largest multiple of a page.
    private const long NoLimit = 1L << 60;
    private const int NanosecondsPerMicrosecond = 1000;

    private readonly string? _memory;
    private readonly string? _cpu;
    private readonly string? _unified;

    private CgroupFiles(string? memory, string? cpu, string? unified) =>
        (_memory, _cpu, _unified) = (memory, cpu, unified);

    /// <summary>The files of that process, or null when it is not of that container.</summary>
    public static CgroupFiles? Find(string proc, string cgroups, int pid, string containerId)
    {
        var lines = ProcFiles.Lines(Path.Combine(proc, pid.ToString(CultureInfo.InvariantCulture), "cgroup"));
        if (containerId.Length == 0 || !lines.Any(line => line.Contains(containerId, StringComparison.Ordinal)))
        {
            return null;
        }

        string? memory = null;
        string? cpu = null;
        string? unified = null;
        foreach (var line in lines)
        {
            // "4:memory:/docker/ID", "2:cpu,cpuacct:/docker/ID", "0::/system.slice/docker-ID.scope"
            var parts = line.Split(':', 3);
            if (parts.Length != 3)
            {
                continue;
            }

            var controllers = parts[1].Split(',');
            memory = controllers.Contains("memory") ? Place(cgroups, ["memory"], parts[2]) : memory;
            cpu =
                controllers.Contains("cpuacct") ? Place(cgroups, [parts[1], "cpuacct", "cpu,cpuacct"], parts[2]) : cpu;
            unified = parts[0] is "0" && parts[1].Length == 0 ? Place(cgroups, ["", "unified"], parts[2]) : unified;
        }

        return new CgroupFiles(memory, cpu, unified);
    }

    /// <summary>Processor time since the container began.</summary>
    public long? CpuNanoseconds() => _cpu is not null
        ? ProcFiles.Number(Path.Combine(_cpu, "cpuacct.usage"))
        : Keyed(_unified, "cpu.stat", "usage_usec") * NanosecondsPerMicrosecond;

    /// <summary>
    /// Memory in use without page cache that can be dropped at once: what the kubelet calls the working set.
    /// </summary>
    public long? MemoryWorkingSet()
    {
        var usage = _memory is not null ? Number(_memory, "memory.usage_in_bytes") : Number(_unified, "memory.current");
        var inactive = _memory is not null
            ? Keyed(_memory, "memory.stat", "total_inactive_file")
            : Keyed(_unified, "memory.stat", "inactive_file");
        return usage is { } used ? Math.Max(0, used - (inactive ?? 0)) : null;
    }

    /// <summary>Null without one.</summary>
    public long? MemoryLimit()
    {
        var limit = _memory is not null ? Number(_memory, "memory.limit_in_bytes") : Number(_unified, "memory.max");
        return limit is >= NoLimit ? null : limit;
    }

    private static string? Place(string cgroups, string[] mounts, string path) =>
        mounts.Select(mount => Path.Join(cgroups, mount, path)).FirstOrDefault(Directory.Exists);

    private static long? Number(string? directory, string file) =>
        directory is null ? null : ProcFiles.Number(Path.Combine(directory, file));

    private static long? Keyed(string? directory, string file, string key)
    {
        if (directory is null)
        {
            return null;
        }

        foreach (var line in ProcFiles.Lines(Path.Combine(directory, file)))
        {
            if (line.StartsWith(key, StringComparison.Ordinal) && line.Length > key.Length && line[key.Length] is ' '
                && long.TryParse(
                    line.AsSpan(key.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var value))
            {
                return value;
            }
        }

        return null;
    }
}
