using System.Runtime.InteropServices;

namespace Drover.Runtime.Processes.Native;

/// <summary>epoll(7), and an eventfd(2) to interrupt it.</summary>
internal static unsafe partial class NativeEpoll
{
    internal const int MostEvents = 64;

    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private const int Add = 1;
    private const int Remove = 2;
    private const uint Readable = 1;
    private const int Interrupted = 4;

    // struct epoll_event is packed on x86-64 and nowhere else.
    private static readonly int DataOffset = RuntimeInformation.ProcessArchitecture is Architecture.X64 ? 4 : 8;

    internal static int Create() => CreateCall(CloseOnExec);

    internal static int CreateBell() => EventDescriptor(0, CloseOnExec | NonBlocking);

    /// <summary>0, or the error.</summary>
    internal static int Watch(SafeHandle epoll, SafeHandle handle, ulong key)
    {
        var place = stackalloc byte[16];
        *(uint*)place = Readable;
        *(ulong*)(place + DataOffset) = key;
        return Control(epoll, Add, handle, place) == 0 ? 0 : Marshal.GetLastPInvokeError();
    }

    internal static void Forget(SafeHandle epoll, SafeHandle handle)
    {
        var place = stackalloc byte[16];
        _ = Control(epoll, Remove, handle, place);
    }

    /// <summary>Waits without limit; the number of keys.</summary>
    internal static int Wait(SafeHandle epoll, Span<ulong> keys)
    {
        var place = stackalloc byte[16 * MostEvents];
        int count;
        do
        {
            count = WaitCall(epoll, place, Math.Min(keys.Length, MostEvents), -1);
        }
        while (count < 0 && Marshal.GetLastPInvokeError() == Interrupted);

        for (var index = 0; index < count; index++)
        {
            keys[index] = *(ulong*)(place + (index * (8 + DataOffset)) + DataOffset);
        }

        return count;
    }

    internal static void Ring(SafeHandle bell)
    {
        var one = 1UL;
        _ = Write(bell, &one, sizeof(ulong));
    }

    internal static void Silence(SafeHandle bell)
    {
        ulong rung;
        _ = Read(bell, &rung, sizeof(ulong));
    }

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    private static partial int CreateCall(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    private static partial int Control(SafeHandle epoll, int operation, SafeHandle handle, byte* change);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    private static partial int WaitCall(SafeHandle epoll, byte* events, int most, int timeout);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial int EventDescriptor(uint start, int flags);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(SafeHandle bell, ulong* value, nuint length);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(SafeHandle bell, ulong* value, nuint length);
}
