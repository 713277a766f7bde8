using System.Globalization;

namespace Drover.HostAgent.Metrics;

/// <summary>
/// Small reads from procfs and cgroupfs, where a file may be gone at any moment: that is null or nothing, not an
/// error.
/// </summary>
internal static class ProcFiles
{
    private const int InterfaceFields = 9;
    private const int KibiBytes = 1024;

    /// <summary>All lines; none when it cannot be read.</summary>
    public static string[] Lines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>The one number in a file.</summary>
    public static long? Number(string path) =>
        Lines(path) is [var line, ..]
            && long.TryParse(line.AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : null;

    /// <summary>The machine's memory in bytes (proc_meminfo(5)).</summary>
    public static long? MemoryTotal(string proc)
    {
        foreach (var line in Lines(Path.Combine(proc, "meminfo")))
        {
            if (line.StartsWith("MemTotal:", StringComparison.Ordinal)
                && long.TryParse(
                    line.AsSpan(9).Trim().TrimEnd("kB").Trim(),
                    NumberStyles.None,
                    CultureInfo.InvariantCulture,
                    out var kilobytes))
            {
                return kilobytes * KibiBytes;
            }
        }

        return null;
    }

    /// <summary>
    /// Bytes received and sent by a process's network namespace, loopback left out (proc_pid_net(5)).
    /// </summary>
    public static (long? Received, long? Sent) NetworkBytes(string proc, int pid)
    {
        var lines = Lines(Path.Combine(proc, pid.ToString(CultureInfo.InvariantCulture), "net", "dev"));
        if (lines.Length == 0)
        {
            return (null, null);
        }

        var (received, sent) = (0L, 0L);
        foreach (var line in lines)
        {
            var colon = line.IndexOf(':');
            if (colon < 0 || line.AsSpan(0, colon).Trim() is "lo")
            {
                continue;
            }

            var fields = line[(colon + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length >= InterfaceFields
                && long.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out var receivedHere)
                && long.TryParse(fields[8], NumberStyles.None, CultureInfo.InvariantCulture, out var sentHere))
            {
                received += receivedHere;
                sent += sentHere;
            }
        }

        return (received, sent);
    }
}
