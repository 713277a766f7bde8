using System.Globalization;

namespace Drover.Runtime.Memory;

/// <summary>What this process takes at a moment, by figures that cost next to nothing to read.</summary>
/// <param name="ResidentKilobytes">In memory; 0 where the system does not say.</param>
/// <param name="ProcessorTime">Spent since its start.</param>
internal readonly record struct ProcessUse(long ResidentKilobytes, TimeSpan ProcessorTime)
{
    private const string Sizes = "/proc/self/statm";

    /// <summary>Looks. Source: proc_pid_statm(5): the second figure counts resident pages.</summary>
    internal static ProcessUse Now() => new(Resident(), Environment.CpuUsage.TotalTime);

    private static long Resident()
    {
        try
        {
            var text = File.ReadAllText(Sizes).AsSpan();
            var figures = text[(text.IndexOf(' ') + 1)..];
            var end = figures.IndexOf(' ');
            return end > 0
                && long.TryParse(figures[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var pages)
                ? pages * Environment.SystemPageSize / 1024
                : 0;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }
}
