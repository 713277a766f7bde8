using System.Runtime.InteropServices;

namespace Drover.Runtime.Processes.Native;

/// <summary>
/// Small files of <c>/proc</c> without an exception for the ordinary case that a process is gone, and what may be done
/// with a file.
/// </summary>
internal static unsafe partial class NativeFiles
{
    internal const int ReadOnly = 0;
    internal const int WriteOnly = 1;
    internal const int Create = 0x40;
    internal const int Append = 0x400;
    internal const int CloseOnExec = 0x80000;

    private const int MayExecute = 1;
    private const int Interrupted = 4;

    /// <summary>What the file holds, as far as it fits; -1 when it cannot be read.</summary>
    internal static int Read(string path, Span<byte> buffer)
    {
        var descriptor = Open(path, ReadOnly | CloseOnExec, 0);
        if (descriptor < 0)
        {
            return -1;
        }

        try
        {
            var length = 0;
            while (length < buffer.Length)
            {
                nint read;
                fixed (byte* place = buffer[length..])
                {
                    read = ReadCall(descriptor, place, (nuint)(buffer.Length - length));
                }

                if (read < 0 && Marshal.GetLastPInvokeError() == Interrupted)
                {
                    continue;
                }

                if (read <= 0)
                {
                    return read < 0 && length == 0 ? -1 : length;
                }

                length += (int)read;
            }

            return length;
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    /// <summary>True when this user may execute the file, or search the directory.</summary>
    internal static bool CanExecute(string path) => Access(path, MayExecute) == 0;

    /// <summary>Opens as a child would; 0, or the error.</summary>
    internal static int TryOpen(string path, int flags, uint mode)
    {
        var descriptor = Open(path, flags | CloseOnExec, mode);
        if (descriptor < 0)
        {
            return Marshal.GetLastPInvokeError();
        }

        _ = Close(descriptor);
        return 0;
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint ReadCall(int descriptor, byte* place, nuint length);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "access", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Access(string path, int mode);
}
