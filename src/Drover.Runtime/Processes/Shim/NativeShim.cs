using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Drover.Runtime.Processes.Shim;

/// <summary>What the shim and the one who starts it say to each other, and with what.</summary>
internal static unsafe partial class NativeShim
{
    private const string Name = "drover-launch";
    private const uint CloseOnExec = 1;
    private const int PipeCloseOnExec = 0x80000;
    private const int DuplicateCloseOnExec = 1030;
    private const int LongestAnswer = 64 * 1024;
    private const short Readable = 1;
    private const int Interrupted = 4;

    /// <summary>Above the numbers that descriptors are handed on as, so that handing on one never overwrites
    /// another.</summary>
    private const int Above = 10;

    /// <summary>A file that is in memory only and gone with its last descriptor.</summary>
    internal static SafeFileHandle MemoryFile(ReadOnlySpan<byte> content)
    {
        using var low = Own(MemoryDescriptor(Name, CloseOnExec));
        RandomAccess.Write(low, content, 0);
        return Raise(low);
    }

    /// <summary>True when the descriptor is what <see cref="MemoryFile"/> made.</summary>
    internal static bool IsMemoryFile(int descriptor) =>
        new FileInfo($"/proc/self/fd/{descriptor}").LinkTarget?.StartsWith($"/memfd:{Name}", StringComparison.Ordinal)
            is true;

    internal static (SafeFileHandle Read, SafeFileHandle Write) Pipe()
    {
        var ends = stackalloc int[2];
        _ = Check(PipeCall(ends, PipeCloseOnExec));
        using var write = Own(ends[1]);
        return (Own(ends[0]), Raise(write));
    }

    /// <summary>
    /// All that comes until the other end is closed; null when the time is over first. Closes this end.
    /// </summary>
    internal static byte[]? ReadToEnd(SafeFileHandle handle, TimeSpan limit)
    {
        using var stream = new FileStream(handle, FileAccess.Read, bufferSize: 0);
        var buffer = new byte[LongestAnswer];
        var length = 0;
        var question = new Question { Descriptor = (int)handle.DangerousGetHandle(), Wanted = Readable };
        while (length < buffer.Length)
        {
            var ready = Poll(ref question, 1, (int)limit.TotalMilliseconds);
            if (ready < 0 && Marshal.GetLastPInvokeError() == Interrupted)
            {
                continue;
            }

            if (ready <= 0)
            {
                return null;
            }

            var read = stream.Read(buffer.AsSpan(length));
            if (read == 0)
            {
                break;
            }

            length += read;
        }

        return buffer[..length];
    }

    internal static int Check(int answer) =>
        answer >= 0 ? answer : throw new ShimException(LaunchDiagnosis.SystemText(Marshal.GetLastPInvokeError()));

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    internal static partial int Control(SafeFileHandle handle, int command, int argument);

    private static SafeFileHandle Own(int descriptor) => new(Check(descriptor), ownsHandle: true);

    private static SafeFileHandle Raise(SafeFileHandle handle) =>
        Own(Control(handle, DuplicateCloseOnExec, Above));

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true,
        StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MemoryDescriptor(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "pipe2", SetLastError = true)]
    private static partial int PipeCall(int* ends, int flags);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(ref Question question, nuint count, int timeout);

    [StructLayout(LayoutKind.Sequential)]
    private struct Question
    {
        public int Descriptor;
        public short Wanted;
        public short Answer;
    }
}

/// <summary>A step towards the program failed; the message is the reason.</summary>
internal sealed class ShimException(string why) : IOException(why);
