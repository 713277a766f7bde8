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
    // A path has at most 4096 bytes, each of which the kernel may write as four. Source: proc_pid_maps(5).
    private const int LongestLine = 32 * 1024;

    /// <summary>
    /// True when the process may read or execute it, not write to it, and all that it holds is in its file too: of a
    /// private mapping there is no page that the process has a copy of, neither in memory nor in swap.
    /// </summary>
    internal bool IsUnwritten =>
        Place.Permissions is "r-xp" or "r--p" or "r--s" && Place.Inode != 0
        && AnonymousKilobytes is 0 && SwappedKilobytes is 0;

    /// <summary>Reads a smaps file, without a text for each of its some ten thousand lines; what is no mapping is
    /// passed over.</summary>
    internal static List<MemoryMapping> Parse(TextReader smaps)
    {
        var mappings = new List<MemoryMapping>();
        var buffer = new char[LongestLine];
        var filled = 0;
        while (true)
        {
            var read = smaps.Read(buffer.AsSpan(filled));
            filled += read;
            var rest = buffer.AsSpan(0, filled);
            while (rest.IndexOf('\n') is var end and >= 0)
            {
                Take(mappings, rest[..end]);
                rest = rest[(end + 1)..];
            }

            if (read == 0)
            {
                Take(mappings, rest);
                return mappings;
            }

            // A line longer than any the kernel writes is none: what follows it is read as if it began anew.
            filled = rest.Length == buffer.Length ? 0 : rest.Length;
            rest[..filled].CopyTo(buffer);
        }
    }

    private static void Take(List<MemoryMapping> mappings, ReadOnlySpan<char> line)
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

    private MemoryMapping With(ReadOnlySpan<char> line)
    {
        var colon = line.IndexOf(':');
        return (colon < 0 ? default : line[..colon]) switch
        {
            "Rss" => this with { ResidentKilobytes = Kilobytes(line[(colon + 1)..]) },
            "Anonymous" => this with { AnonymousKilobytes = Kilobytes(line[(colon + 1)..]) },
            "Swap" => this with { SwappedKilobytes = Kilobytes(line[(colon + 1)..]) },
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
    private static bool TryParsePlace(ReadOnlySpan<char> line, out MappingPlace place)
    {
        place = default;
        Span<Range> fields = stackalloc Range[6];
        var count = line.Split(fields, ' ');
        if (count < 5)
        {
            return false;
        }

        var addresses = line[fields[0]];
        var dash = addresses.IndexOf('-');
        if (dash < 0
            || !TryParseHex(addresses[..dash], out var start)
            || !TryParseHex(addresses[(dash + 1)..], out var end)
            || !TryParseHex(line[fields[2]], out var offset)
            || !ulong.TryParse(line[fields[4]], NumberStyles.None, CultureInfo.InvariantCulture, out var inode))
        {
            return false;
        }

        var file = count == 6 ? line[fields[5]].TrimStart(' ').ToString() : "";
        place = new MappingPlace(
            start, end, line[fields[1]].ToString(), offset, line[fields[3]].ToString(), inode, file);
        return true;
    }

    private static bool TryParseHex(ReadOnlySpan<char> text, out ulong number) =>
        ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number);
}
