using System.Globalization;
using System.Text;
using Drover.Runtime.Files;

namespace Drover.Runtime.Uplink;

/// <summary>
/// The number of this run of the agent: max(stored + 1, start in Unix ms), so that it rises over restarts, over a
/// clock set back and over a lost data directory alike.
/// </summary>
public static class RunNumber
{
    /// <summary>Takes the next number; it is on disk when this returns.</summary>
    public static long Take(string path, TimeProvider time)
    {
        var run = Math.Max(ReadStored(path) + 1, time.GetUtcNow().ToUnixTimeMilliseconds());
        AtomicFile.Write(path, Encoding.ASCII.GetBytes(run.ToString(CultureInfo.InvariantCulture)));
        return run;
    }

    /// <summary>A file that is missing or makes no sense counts as 0: the clock alone then carries on.</summary>
    private static long ReadStored(string path) =>
        File.Exists(path) && long.TryParse(File.ReadAllText(path), CultureInfo.InvariantCulture, out var stored)
            ? stored
            : 0;
}
