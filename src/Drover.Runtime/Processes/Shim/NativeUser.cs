using System.Runtime.InteropServices;

namespace Drover.Runtime.Processes.Shim;

/// <summary>
/// Becoming another user. The C library applies each change to all threads. Sources: setuid(2), initgroups(3),
/// getpwnam(3), setrlimit(2).
/// </summary>
internal static unsafe partial class NativeUser
{
    /// <summary>User and first group of a name; null when nobody is called that.</summary>
    internal static (uint User, uint Group)? ByName(string name) =>
        FindByName(name) is var entry && entry is null ? null : (entry->User, entry->Group);

    /// <summary>The name and first group of a number; null when it has none, which is allowed.</summary>
    internal static (string Name, uint Group)? ByNumber(uint user) =>
        FindByNumber(user) is var entry && entry is null
            ? null
            : (Marshal.PtrToStringUTF8((nint)entry->Name)!, entry->Group);

    /// <summary>Number of a group; null when there is none of that name.</summary>
    internal static uint? GroupByName(string name) =>
        FindGroup(name) is var entry && entry is null ? null : entry->Group;

    [LibraryImport("libc", EntryPoint = "initgroups", SetLastError = true,
        StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int InitializeGroups(string user, uint group);

    [LibraryImport("libc", EntryPoint = "setgroups", SetLastError = true)]
    internal static partial int SetGroups(nuint count, uint* groups);

    [LibraryImport("libc", EntryPoint = "setgid", SetLastError = true)]
    internal static partial int SetGroup(uint group);

    [LibraryImport("libc", EntryPoint = "setuid", SetLastError = true)]
    internal static partial int SetUser(uint user);

    [LibraryImport("libc", EntryPoint = "getgid")]
    internal static partial uint PresentGroup();

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    internal static partial int SetLimit(int number, ulong* softAndHard);

    [LibraryImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    internal static partial int GetLimit(int number, ulong* softAndHard);

    [LibraryImport("libc", EntryPoint = "execve", SetLastError = true)]
    internal static partial int ExecuteFile(byte* path, byte** arguments, byte** environment);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    internal static partial nint Write(int descriptor, byte* bytes, nuint length);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    internal static partial int Signal(int process, int signal);

    [LibraryImport("libc", EntryPoint = "chdir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int ChangeDirectory(string path);

    [LibraryImport("libc", EntryPoint = "pthread_sigmask")]
    internal static partial int SetSignalMask(int how, byte* mask, byte* old);

    [LibraryImport("libc", EntryPoint = "getpwnam", StringMarshalling = StringMarshalling.Utf8)]
    private static partial Entry* FindByName(string name);

    [LibraryImport("libc", EntryPoint = "getpwuid")]
    private static partial Entry* FindByNumber(uint user);

    [LibraryImport("libc", EntryPoint = "getgrnam", StringMarshalling = StringMarshalling.Utf8)]
    private static partial GroupEntry* FindGroup(string name);

    /// <summary>The beginning of struct passwd.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Entry
    {
        public byte* Name;
        public byte* Password;
        public uint User;
        public uint Group;
    }

    /// <summary>The beginning of struct group.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct GroupEntry
    {
        public byte* Name;
        public byte* Password;
        public uint Group;
    }
}
