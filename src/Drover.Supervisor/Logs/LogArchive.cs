using System.Globalization;
using Drover.Runtime.Files;

namespace Drover.Supervisor.Logs;

/// <summary>
/// A part of a component's output that is no longer in its live file. Deleting one by hand loses its lines and nothing
/// else.
/// </summary>
/// <param name="Path">The file.</param>
/// <param name="RotatedAt">When it was made, by the clock of then.</param>
/// <param name="LastWrite">When its last line was written, as far as is known.</param>
/// <param name="From">Its first byte among all the component ever wrote.</param>
/// <param name="To">The byte after its last.</param>
internal sealed record LogArchive(
    string Path, DateTimeOffset RotatedAt, DateTimeOffset LastWrite, long From, long To)
{
    private const string TimeFormat = "yyyyMMdd-HHmmss";

    /// <summary>Its size.</summary>
    public long Length => To - From;

    /// <summary>Reads the name and the size; null for a file that is no archive.</summary>
    public static LogArchive? TryRead(string path, string prefix)
    {
        var name = System.IO.Path.GetFileName(path.AsSpan());
        var rest = name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : [];
        return rest.Length > TimeFormat.Length + 1
            && rest[TimeFormat.Length] is '.'
            && DateTime.TryParseExact(
                rest[..TimeFormat.Length],
                TimeFormat,
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
                out var at)
            && long.TryParse(
                rest[(TimeFormat.Length + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var from)
            && GrowingFile.Examine(path) is { } facts
            ? new LogArchive(path, at, facts.Modified, from, from + facts.Length)
            : null;
    }

    /// <summary>Deletes, of all archives of one component, the oldest that are more than it keeps.</summary>
    public static void DeleteBeyond(IReadOnlyList<LogArchive> archives, LogPolicy policy, DateTimeOffset now)
    {
        var bytes = archives.Sum(archive => archive.Length);
        for (var number = 0; number < archives.Count; number++)
        {
            var archive = archives[number];
            if (archives.Count - number > policy.Keep
                || bytes > policy.MaxArchivedBytes
                || now - archive.RotatedAt > policy.KeepFor)
            {
                File.Delete(archive.Path);
                bytes -= archive.Length;
            }
        }
    }
}
