using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Drover.Terminal;

/// <summary>
/// Standard output or error, written by write(2). The base library's console stream ignores a reader that went away,
/// so that a follow piped into <c>head</c> would run for ever; its file stream writes at offsets of its own, so that
/// two of them on one file overwrite each other.
/// </summary>
internal sealed partial class StandardStream(int descriptor) : Stream
{
    private const int Interrupted = 4; // EINTR
    private const int TryAgain = 11; // EAGAIN
    private const int InputOutput = 5; // EIO: what a terminal answers once it was hung up
    private const int BrokenPipe = 32; // EPIPE
    private const short PollOut = 4;
    private const nuint GetWindowSize = 0x5413; // TIOCGWINSZ, ioctl_tty(2)

    // Asked while it is there: of a terminal that was hung up isatty(3) says no.
    private readonly bool _isTerminal = IsTerminal(descriptor);

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>True when a terminal is at the other end.</summary>
    public static bool IsTerminal(int descriptor) => IsTty(descriptor) == 1;

    /// <summary>
    /// Columns of the terminal, or null where there is none. Asked of the kernel: the base library's console would
    /// first send the terminal its own initialisation.
    /// </summary>
    public static int? TerminalColumns(int descriptor) =>
        Control(descriptor, GetWindowSize, out var size) == 0 && size.Columns > 0 ? size.Columns : null;

    /// <summary>Lines of the terminal behind a descriptor; null when there is none, or it does not say.</summary>
    public static int? TerminalRows(int descriptor) =>
        Control(descriptor, GetWindowSize, out var size) == 0 && size.Rows > 0 ? size.Rows : null;

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var written = WriteTo(descriptor, buffer, (nuint)buffer.Length);
            if (written >= 0)
            {
                buffer = buffer[(int)written..];
                continue;
            }

            switch (Marshal.GetLastPInvokeError())
            {
                case Interrupted:
                    break;
                case TryAgain:
                    var request = new PollRequest { Descriptor = descriptor, Events = PollOut };
                    _ = Poll(ref request, 1, -1);
                    break;
                case BrokenPipe:
                case InputOutput when _isTerminal:
                    throw new OutputClosedException();
                case var error:
                    throw new IOException($"cannot write the output: {new Win32Exception(error).Message}");
            }
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteTo(int descriptor, ReadOnlySpan<byte> buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(ref PollRequest request, nuint count, int timeout);

    [LibraryImport("libc", EntryPoint = "isatty")]
    private static partial int IsTty(int descriptor);

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static partial int Control(int descriptor, nuint request, out WindowSize size);

    [StructLayout(LayoutKind.Sequential)]
    private struct WindowSize
    {
        public ushort Rows;
        public ushort Columns;
        public ushort Width;
        public ushort Height;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct PollRequest
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}

/// <summary>Whatever read our output went away: not a failure to report, there is nobody to read it.</summary>
internal sealed class OutputClosedException() : IOException("the output was closed");
