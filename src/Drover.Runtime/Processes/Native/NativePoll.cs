using System.Runtime.InteropServices;

namespace Drover.Runtime.Processes.Native;

/// <summary>Asking one descriptor whether it is ready, and closing it.</summary>
internal static partial class NativePoll
{
    private const short Readable = 1;
    private const int Interrupted = 4;

    internal static bool IsReadable(SafeHandle handle)
    {
        var held = false;
        try
        {
            handle.DangerousAddRef(ref held);
            var question = new Question { Descriptor = (int)handle.DangerousGetHandle(), Wanted = Readable };
            int answer;
            do
            {
                answer = Poll(ref question, 1, 0);
            }
            while (answer < 0 && Marshal.GetLastPInvokeError() == Interrupted);

            return answer > 0;
        }
        finally
        {
            if (held)
            {
                handle.DangerousRelease();
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    internal static partial int Close(int descriptor);

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
