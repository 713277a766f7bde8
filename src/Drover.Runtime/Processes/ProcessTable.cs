using System.Globalization;
using System.IO.Enumeration;

namespace Drover.Runtime.Processes;

/// <summary>All processes that can be seen, as of one walk through <c>/proc</c>.</summary>
internal static class ProcessTable
{
    private const string Root = "/proc";

    internal static IReadOnlyList<ProcessStat> Read()
    {
        var numbers = new FileSystemEnumerable<int>(
            Root,
            static (ref FileSystemEntry entry) =>
                int.TryParse(entry.FileName, NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : 0);
        return [.. numbers.Where(pid => pid > 0).Select(ProcessStat.TryRead).OfType<ProcessStat>()];
    }
}
