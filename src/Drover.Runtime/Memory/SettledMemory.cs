using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace Drover.Runtime.Memory;

/// <summary>
/// Gives back the memory that only the start of a role needed, and again what work brought in since, when it is quiet
/// after it: garbage, and pages of the code and metadata of the executable and of shared libraries, which the kernel
/// brings back from the file where one is needed again. For a role that waits nearly all the time; one that works all
/// the time would only read them again, so it gives nothing back, and one that is asked again and again does so ever
/// more rarely.
/// <para>
/// MADV_DONTNEED drops a private copy of a page with the page, so it must never meet one. What is given back is a
/// mapping of this process's own executable or of a shared library, which are never unmapped while it runs (nothing
/// else can come to lie at their addresses), not writable (no code writes to it), of which two readings ten seconds
/// apart show the same place and no private copy, in memory or in swap. The one writer of such pages, the loader that
/// relocates an image, does so within milliseconds of mapping it: a mapping that is ten seconds old and has no copy is
/// one it never wrote to. Source: madvise(2), proc_pid_smaps(5); docs/decisions/0053, 0082 and
/// 0094.
/// </para>
/// </summary>
public sealed partial class SettledMemory
{
    private const string Mappings = "/proc/self/smaps";
    private const int DontNeed = 4;

    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan BetweenReadings = TimeSpan.FromSeconds(10);

    // What a look costs is nothing beside a probe; what giving back costs is some tens of milliseconds.
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ShortestRest = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestRest = TimeSpan.FromHours(1);

    // Less than this is not worth the page faults; what grows faster, or takes more of a core, is at work.
    private const long WorthKilobytes = 4 * 1024;
    private const long QuietKilobytes = 512;
    private const double QuietShare = 0.02;

    private readonly string _executable;
    private readonly Func<ProcessUse> _look;
    private readonly TimeProvider _time;
    private readonly ILogger<SettledMemory> _logger;

    /// <param name="time">By which it waits.</param>
    /// <param name="logger">For the person at the terminal.</param>
    public SettledMemory(TimeProvider time, ILogger<SettledMemory> logger)
        : this(Environment.ProcessPath ?? "", ProcessUse.Now, time, logger)
    {
    }

    /// <param name="executable">The file whose pages are given back. It stays mapped as long as the process
    /// lives.</param>
    /// <param name="look">What the process takes just now.</param>
    /// <param name="time">By which it waits.</param>
    /// <param name="logger">For the person at the terminal.</param>
    internal SettledMemory(
        string executable, Func<ProcessUse> look, TimeProvider time, ILogger<SettledMemory> logger)
    {
        _executable = executable;
        _look = look;
        _time = time;
        _logger = logger;
    }

    /// <summary>How often something was given back.</summary>
    internal int Times { get; private set; }

    /// <summary>
    /// Waits until a start that was just made has settled, gives back what it left, and from then on what work leaves
    /// behind, until it is cancelled. A system that shows no mappings, or refuses, leaves everything as it was.
    /// </summary>
    public async Task StaySmallAsync(CancellationToken cancellationToken)
    {
        await GiveBackOnceAsync(cancellationToken);
        var (left, before) = (_look(), _look());
        var (at, rest) = (_time.GetTimestamp(), ShortestRest);
        while (true)
        {
            await Task.Delay(BetweenLooks, _time, cancellationToken);
            var (last, now) = (before, _look());
            before = now;
            var since = _time.GetElapsedTime(at);
            if (since < rest || now.ResidentKilobytes < left.ResidentKilobytes + WorthKilobytes || !IsQuiet(last, now))
            {
                continue;
            }

            // What came back nearly at once will do so again.
            rest = since >= 2 * rest ? ShortestRest : 2 * rest < LongestRest ? 2 * rest : LongestRest;
            await GiveBackAsync(cancellationToken);
            at = _time.GetTimestamp();
            left = before = _look();
        }
    }

    /// <summary>Waits until a start that was just made has settled, and gives back what it left.</summary>
    /// <returns>Kilobytes that were in memory and were given back.</returns>
    internal async Task<long> GiveBackOnceAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(Settling, _time, cancellationToken);
        return await GiveBackAsync(cancellationToken);
    }

    /// <summary>Nothing grew between two looks, and next to nothing was done.</summary>
    private static bool IsQuiet(ProcessUse last, ProcessUse now) =>
        now.ResidentKilobytes < last.ResidentKilobytes + QuietKilobytes
        && now.ProcessorTime - last.ProcessorTime < QuietShare * BetweenLooks;

    private async Task<long> GiveBackAsync(CancellationToken cancellationToken)
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        try
        {
            var before = Read();
            await Task.Delay(BetweenReadings, _time, cancellationToken);
            var kilobytes = Unchanged(before, Read(), _executable).Sum(GiveBack);
            Times++;
            LogGivenBack(kilobytes);
            return kilobytes;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            LogNotRead(error.Message);
            return 0;
        }
    }

    /// <summary>Of the second reading, what both show unwritten at the same place.</summary>
    internal static List<MemoryMapping> Unchanged(
        IEnumerable<MemoryMapping> before, IEnumerable<MemoryMapping> now, string executable)
    {
        var unwritten = before.Where(Stays).Select(mapping => mapping.Place).ToHashSet();
        return [.. now.Where(mapping => Stays(mapping) && unwritten.Contains(mapping.Place))];

        bool Stays(MemoryMapping mapping) => mapping.IsUnwritten && IsNeverUnmapped(mapping.Place.File, executable);
    }

    /// <summary>
    /// The executable itself; and shared libraries (libcrypto.so.3), which neither the runtime nor anything here
    /// unloads. A file that was replaced on disk is shown as deleted and is left alone.
    /// </summary>
    private static bool IsNeverUnmapped(string file, string executable) =>
        file == executable
        || (file.StartsWith('/')
            && !file.EndsWith(" (deleted)", StringComparison.Ordinal)
            && Path.GetFileName(file.AsSpan()) is var name
            && (name.EndsWith(".so", StringComparison.Ordinal) || name.Contains(".so.", StringComparison.Ordinal)));

    private static List<MemoryMapping> Read()
    {
        using var smaps = File.OpenText(Mappings);
        return MemoryMapping.Parse(smaps);
    }

    private static long GiveBack(MemoryMapping mapping)
    {
        var (start, end) = (mapping.Place.Start, mapping.Place.End);
        return Advise((nuint)start, (nuint)(end - start), DontNeed) == 0 ? mapping.ResidentKilobytes ?? 0 : 0;
    }

    [LoggerMessage(
        3301, LogLevel.Debug, "gave back {Kilobytes} kB of code and metadata that nothing needs just now")]
    private partial void LogGivenBack(long kilobytes);

    [LoggerMessage(3302, LogLevel.Debug, "cannot see what memory is not needed, so all of it is kept: {Why}")]
    private partial void LogNotRead(string why);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nuint address, nuint length, int advice);
}
