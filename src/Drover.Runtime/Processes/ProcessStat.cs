using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Drover.Runtime.Processes.Native;

namespace Drover.Runtime.Processes;

/// <summary>One line of <c>/proc/PID/stat</c>, as far as it matters here. Source: proc_pid_stat(5).</summary>
/// <param name="Pid">Field 1.</param>
/// <param name="Command">
/// Field 2: the file's name, at most 15 bytes. Never the arguments, which may hold secrets.
/// </param>
/// <param name="State">Field 3: one letter.</param>
/// <param name="Parent">Field 4.</param>
/// <param name="Group">Field 5.</param>
/// <param name="Session">Field 6.</param>
/// <param name="Threads">Field 20.</param>
/// <param name="StartTime">Field 22, in clock ticks since boot.</param>
/// <param name="ExitStatus">Field 52, as waitpid(2) gives it; 0 as well when this user may not see it.</param>
internal readonly record struct ProcessStat(
    int Pid,
    string Command,
    char State,
    int Parent,
    int Group,
    int Session,
    int Threads,
    ulong StartTime,
    int ExitStatus)
{
    private const int LongestLine = 2048;

    /// <summary>
    /// True when nothing of it runs any more: a zombie, or about to be removed. A process whose first thread has ended
    /// while others run shows as a zombie too, and is none.
    /// </summary>
    public bool IsDead => State is 'Z' or 'X' or 'x' && Threads <= 1;

    /// <summary>Null when there is no such process.</summary>
    internal static ProcessStat? TryRead(int pid)
    {
        Span<byte> buffer = stackalloc byte[LongestLine];
        var length = NativeFiles.Read(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"), buffer);
        return length <= 0 ? null : TryParse(buffer[..length]);
    }

    /// <summary>
    /// Null when the line is cut or foreign. The command may hold anything, spaces and brackets too: only the last
    /// bracket ends it.
    /// </summary>
    internal static ProcessStat? TryParse(ReadOnlySpan<byte> line)
    {
        var open = line.IndexOf((byte)'(');
        var close = line.LastIndexOf((byte)')');
        if (open < 0 || close < open || !Utf8Parser.TryParse(line, out int pid, out _))
        {
            return null;
        }

        // What follows the bracket begins with field 3.
        Span<long> fields = stackalloc long[53];
        var state = '\0';
        var field = 3;
        foreach (var range in line[(close + 1)..].Split((byte)' '))
        {
            var text = line[(close + 1)..][range].Trim("\n"u8);
            if (text.IsEmpty)
            {
                continue;
            }

            if (field == 3)
            {
                state = (char)text[0];
            }
            else if (field < fields.Length)
            {
                // Some fields that are not used here exceed a signed number.
                fields[field] = Utf8Parser.TryParse(text, out long value, out _) ? value : 0;
            }

            field++;
        }

        return field <= 22
            ? null
            : new ProcessStat(
                pid,
                Encoding.UTF8.GetString(line[(open + 1)..close]),
                state,
                (int)fields[4],
                (int)fields[5],
                (int)fields[6],
                (int)fields[20],
                (ulong)fields[22],
                (int)fields[52]);
    }
}
