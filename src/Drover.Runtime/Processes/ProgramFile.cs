using System.Buffers.Binary;
using System.Text;
using Drover.Runtime.Processes.Native;

namespace Drover.Runtime.Processes;

/// <summary>What the kernel makes of a file that it is to execute.</summary>
internal abstract record ProgramFile
{
    private const int Head = 4096;

    /// <summary>Begins with <c>#!</c>.</summary>
    /// <param name="Interpreter">The path behind it; empty when there is none.</param>
    internal sealed record Script(string Interpreter) : ProgramFile;

    /// <summary>Machine code.</summary>
    /// <param name="Machine">As <c>aarch64</c>.</param>
    /// <param name="Loader">The dynamic loader it names (PT_INTERP); null when it is static.</param>
    internal sealed record Elf(string Machine, string? Loader) : ProgramFile;

    /// <summary>Neither.</summary>
    internal sealed record Other(bool IsEmpty) : ProgramFile;

    /// <summary>Null when it cannot be read.</summary>
    internal static ProgramFile? TryRead(string path)
    {
        Span<byte> buffer = stackalloc byte[Head];
        var length = NativeFiles.Read(path, buffer);
        return length < 0 ? null : Parse(buffer[..length]);
    }

    /// <summary>
    /// Source: execve(2) for scripts, elf(5) for the rest. Headers are in the first page in practice.
    /// </summary>
    internal static ProgramFile Parse(ReadOnlySpan<byte> head)
    {
        if (head.StartsWith("#!"u8))
        {
            var line = head[2..];
            line = line[..(line.IndexOf((byte)'\n') is var end and >= 0 ? end : line.Length)].Trim(" \t"u8);
            var space = line.IndexOfAny(" \t"u8);
            return new Script(Encoding.UTF8.GetString(space < 0 ? line : line[..space]));
        }

        return head.Length >= 64 && head.StartsWith("\u007fELF"u8)
            ? new Elf(MachineName(Half(head, 18)), FindLoader(head))
            : new Other(head.IsEmpty);
    }

    private static string? FindLoader(ReadOnlySpan<byte> head)
    {
        const uint Interpreter = 3;
        var isWide = head[4] == 2;
        var table = isWide ? Wide(head, 32) : Word(head, 28);
        var size = Half(head, isWide ? 54 : 42);
        var count = Half(head, isWide ? 56 : 44);
        for (var index = 0UL; index < count; index++)
        {
            var at = table + (index * size);
            if (at + 40 > (ulong)head.Length)
            {
                return null;
            }

            var entry = head[(int)at..];
            if (Word(entry, 0) != Interpreter)
            {
                continue;
            }

            var offset = isWide ? Wide(entry, 8) : Word(entry, 4);
            var length = isWide ? Wide(entry, 32) : Word(entry, 16);
            return offset < (ulong)head.Length && length <= (ulong)head.Length - offset
                ? Encoding.UTF8.GetString(head.Slice((int)offset, (int)length).TrimEnd((byte)0))
                : null;
        }

        return null;
    }

    private static string MachineName(ushort machine) => machine switch
    {
        3 => "i386",
        40 => "arm",
        62 => "x86-64",
        183 => "aarch64",
        243 => "riscv",
        _ => $"machine {machine}",
    };

    private static ushort Half(ReadOnlySpan<byte> head, int at) => BinaryPrimitives.ReadUInt16LittleEndian(head[at..]);

    private static uint Word(ReadOnlySpan<byte> head, int at) => BinaryPrimitives.ReadUInt32LittleEndian(head[at..]);

    private static ulong Wide(ReadOnlySpan<byte> head, int at) => BinaryPrimitives.ReadUInt64LittleEndian(head[at..]);
}
