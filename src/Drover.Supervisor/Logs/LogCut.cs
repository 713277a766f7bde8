using Microsoft.Win32.SafeHandles;

namespace Drover.Supervisor.Logs;

/// <summary>
/// Where an archive ends: on a border of blocks, which is what can be given back. If one of the borders of the last
/// MiB is the end of a line too, there; else within a line, whose halves a reader joins. The archives and the live
/// file one after the other are in either case exactly what the component wrote.
/// </summary>
internal static class LogCut
{
    private const long LineEndWithin = 1 << 20;

    /// <summary>The offset, at most <paramref name="maxBytes"/> after the start; null where there is no whole block to
    /// archive.</summary>
    public static long? Find(SafeFileHandle live, LogState state, long end, long maxBytes, int alignment)
    {
        var first = state.Start - state.Base;

        // One byte has to stay: a whole file cannot be taken out.
        var last = Math.Min(end - 1 - state.Base, first + Math.Max(maxBytes, alignment)) / alignment * alignment;
        if (last <= first)
        {
            return null;
        }

        Span<byte> before = stackalloc byte[1];
        for (var border = last; border > Math.Max(first, last - LineEndWithin); border -= alignment)
        {
            if (RandomAccess.Read(live, before, border - 1) is 1 && before[0] is (byte)'\n')
            {
                return state.Base + border;
            }
        }

        return state.Base + last;
    }
}
