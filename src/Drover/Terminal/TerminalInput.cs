using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Drover.Terminal;

/// <summary>What a person types. A secret is read without being shown.</summary>
internal sealed partial class TerminalInput(Func<TextReader> open, bool isTerminal, Func<IDisposable> hide)
{
    private const int MaxCharacters = 64 * 1024;

    // Opened when somebody is asked: most verbs never look at their standard input, which may be closed.
    private readonly Lazy<TextReader> _reader = new(open);

    /// <summary>True when a person can be asked; otherwise something is piped in.</summary>
    public bool IsTerminal => isTerminal;

    /// <summary>This process's standard input.</summary>
    public static TerminalInput OfProcess() => new(
        () => new StreamReader(
            new FileStream(new SafeFileHandle(0, ownsHandle: false), FileAccess.Read, bufferSize: 0),
            new UTF8Encoding(false)),
        StandardStream.IsTerminal(0),
        () => new HiddenEcho());

    /// <summary>One line, or null at the end.</summary>
    public string? ReadLine() => _reader.Value.ReadLine();

    /// <summary>One line that the terminal does not show, or null at the end.</summary>
    public string? ReadHiddenLine()
    {
        using (hide())
        {
            return _reader.Value.ReadLine();
        }
    }

    /// <summary>All that is piped in, up to a bound.</summary>
    public string ReadAll()
    {
        var buffer = new char[MaxCharacters];
        return new string(buffer, 0, _reader.Value.ReadBlock(buffer));
    }

    /// <summary>Switches the terminal's echo off for as long as it lives (termios(3)).</summary>
    private sealed class HiddenEcho : IDisposable
    {
        private const int Descriptor = 0;
        private const int Now = 0; // TCSANOW
        private const int LocalFlags = 12; // of struct termios, after three words of flags
        private const uint Echo = 8; // ECHO

        // struct termios has 60 bytes with glibc; room for those of others.
        private readonly byte[] _before = new byte[128];
        private readonly bool _isChanged;

        public HiddenEcho()
        {
            if (GetAttributes(Descriptor, _before) != 0)
            {
                return;
            }

            var hidden = (byte[])_before.Clone();
            var flags = BitConverter.ToUInt32(hidden, LocalFlags) & ~Echo;
            BitConverter.TryWriteBytes(hidden.AsSpan(LocalFlags), flags);
            _isChanged = SetAttributes(Descriptor, Now, hidden) == 0;
        }

        public void Dispose()
        {
            if (_isChanged)
            {
                _ = SetAttributes(Descriptor, Now, _before);
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "tcgetattr")]
    private static partial int GetAttributes(int descriptor, [Out] byte[] attributes);

    [LibraryImport("libc", EntryPoint = "tcsetattr")]
    private static partial int SetAttributes(int descriptor, int when, byte[] attributes);
}
