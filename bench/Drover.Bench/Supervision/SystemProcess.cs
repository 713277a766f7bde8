using System.Globalization;
using System.Runtime.InteropServices;

namespace Drover.Bench.Supervision;

/// <summary>What one process takes at a moment.</summary>
/// <param name="Resident">MB in memory, the file's own pages too.</param>
/// <param name="Proportional">MB, where a page that n processes share counts an nth.</param>
/// <param name="Anonymous">MB that no file stands behind.</param>
/// <param name="CpuSeconds">Spent so far.</param>
internal readonly record struct Footprint(
    double Resident, double Proportional, double Anonymous, double CpuSeconds)
{
    public static Footprint operator +(Footprint left, Footprint right) => new(
        left.Resident + right.Resident,
        left.Proportional + right.Proportional,
        left.Anonymous + right.Anonymous,
        left.CpuSeconds + right.CpuSeconds);
}

/// <summary>Processes that are somebody else's: looked at through /proc, signalled by number.</summary>
internal static partial class SystemProcess
{
    private const int SignalKill = 9;
    private const int SignalTerminate = 15;
    private const uint OwnerOnly = 0b110_000_000;

    /// <summary>SIGKILL; 0 when it was sent.</summary>
    public static int Kill(int pid) => Send(pid, SignalKill);

    /// <summary>SIGTERM; 0 when it was sent.</summary>
    public static int Terminate(int pid) => Send(pid, SignalTerminate);

    public static void MakePipe(string path)
    {
        if (MakeFifo(path, OwnerOnly) != 0)
        {
            throw new IOException($"cannot make the pipe \"{path}\"", Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>The file it runs; null when it is gone, a zombie, or not ours to see.</summary>
    public static string? ExecutableOf(int pid)
    {
        try
        {
            return new FileInfo($"/proc/{pid}/exe").LinkTarget;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public static bool IsAlive(int pid) => ExecutableOf(pid) is not null;

    /// <summary>It and all that descends from it.</summary>
    public static IReadOnlyList<int> Family(int root)
    {
        var family = new List<int> { root };
        for (var index = 0; index < family.Count; index++)
        {
            family.AddRange(ChildrenOf(family[index]));
        }

        return family;
    }

    public static Footprint FootprintOf(int pid)
    {
        var status = File.ReadAllLines($"/proc/{pid}/status");
        var rollup = File.ReadAllLines($"/proc/{pid}/smaps_rollup");
        return new Footprint(
            Megabytes(status, "VmRSS:"),
            Megabytes(rollup, "Pss:"),
            Megabytes(status, "RssAnon:"),
            Measured.CpuSeconds(pid));
    }

    private static double Megabytes(IEnumerable<string> lines, string field)
    {
        var line = lines.First(one => one.StartsWith(field, StringComparison.Ordinal));
        var kilobytes = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2];
        return double.Parse(kilobytes, CultureInfo.InvariantCulture) / 1024;
    }

    private static IEnumerable<int> ChildrenOf(int pid)
    {
        var tasks = $"/proc/{pid}/task";
        return !Directory.Exists(tasks)
            ? []
            : Directory.EnumerateDirectories(tasks)
                .SelectMany(task => File.ReadAllText(task + "/children").Split(
                    ' ', StringSplitOptions.RemoveEmptyEntries))
                .Select(number => int.Parse(number, CultureInfo.InvariantCulture));
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Send(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "mkfifo", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeFifo(string path, uint mode);
}
