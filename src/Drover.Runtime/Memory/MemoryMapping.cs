using System.Globalization;

namespace Drover.Runtime.Memory;

/// <summary>Where a mapping lies and what it shows. Two readings of one that nobody changed are equal.</summary>
/// <param name="Start">First address.</param>
/// <param name="End">First address behind it.</param>
/// <param name="Permissions">As the kernel writes them: <c>r-xp</c>.</param>
/// <param name="Offset">Place in the file.</param>
/// <param name="Device">Device of the file.</param>
/// <param name="Inode">The file; 0 when there is none.</param>
/// <param name="File">Its path, with the kernel's <c> (deleted)</c> where it is; empty when there is none.</param>
internal readonly record struct MappingPlace(
    ulong Start, ulong End, string Permissions, ulong Offset, string Device, ulong Inode, string File);

/// <summary>
/// One mapping of this process as <c>/proc/self/smaps</c> shows it. A figure that the kernel does not give is null.
/// Source: proc_pid_smaps(5), proc_pid_maps(5).
/// </summary>
/// <param name="Place">Where it is.</param>
/// <param name="ResidentKilobytes">In memory now.</param>
/// <param name="AnonymousKilobytes">Of those, pages that are this process's own and no longer the file's.</param>
/// <param name="SwappedKilobytes">Pages of its own that were swapped out.</param>
internal sealed record MemoryMapping(
    MappingPlace Place, long? ResidentKilobytes, long? AnonymousKilobytes, long? SwappedKilobytes)
{
    /// <summary>
    /// True when the process may read or execute it, not write to it, and all that it holds is in this file too: of a
    /// private mapping there is no page that the process has a copy of, neither in memory nor in swap.
    /// </summary>
    internal bool IsUnwrittenPartOf(string file) =>
        Place.Permissions is "r-xp" or "r--p" or "r--s" && Place.Inode != 0 && Place.File == file
        && AnonymousKilobytes is 0 && SwappedKilobytes is 0;

    /// <summary>Reads the lines of a smaps file; what is no mapping is passed over.</summary>
    internal static List<MemoryMapping> Parse(IEnumerable<string> lines)
    {
        var mappings = new List<MemoryMapping>();
        foreach (var line in lines)
        {
            if (TryParsePlace(line, out var place))
            {
                mappings.Add(new MemoryMapping(place, null, null, null));
            }
            else if (mappings is [.., var last])
            {
                mappings[^1] = last.With(line);
            }
        }

        return mappings;
    }

    private MemoryMapping With(string line)
    {
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        return (colon < 0 ? "" : line[..colon]) switch
        {
            "Rss" => this with { ResidentKilobytes = Kilobytes(line.AsSpan(colon + 1)) },
            "Anonymous" => this with { AnonymousKilobytes = Kilobytes(line.AsSpan(colon + 1)) },
            "Swap" => this with { SwappedKilobytes = Kilobytes(line.AsSpan(colon + 1)) },
            _ => this,
        };
    }

    private static long? Kilobytes(ReadOnlySpan<char> text)
    {
        var figure = text.Trim();
        return figure.EndsWith(" kB", StringComparison.Ordinal)
            && long.TryParse(figure[..^3], NumberStyles.None, CultureInfo.InvariantCulture, out var kilobytes)
            ? kilobytes
            : null;
    }

    // 55d4d6c00000-55d4d6c8a000 r-xp 00001000 fe:00 1234      /usr/local/bin/drover
    private static bool TryParsePlace(string line, out MappingPlace place)
    {
        place = default;
        var fields = line.Split(' ', 6);
        var dash = fields[0].IndexOf('-', StringComparison.Ordinal);
        if (fields.Length < 5 || dash < 0
            || !TryParseHex(fields[0].AsSpan(0, dash), out var start)
            || !TryParseHex(fields[0].AsSpan(dash + 1), out var end)
            || !TryParseHex(fields[2], out var offset)
            || !ulong.TryParse(fields[4], NumberStyles.None, CultureInfo.InvariantCulture, out var inode))
        {
            return false;
        }

        var file = fields.Length == 6 ? fields[5].TrimStart(' ') : "";
        place = new MappingPlace(start, end, fields[1], offset, fields[3], inode, file);
        return true;
    }

    private static bool TryParseHex(ReadOnlySpan<char> text, out ulong number) =>
        ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number);
}
