using System.Globalization;
using System.Text;
using Drover.Runtime.Processes.Native;

namespace Drover.Runtime.Processes;

/// <summary>Everything that one call of posix_spawn(3) needs.</summary>
/// <param name="Executable">An absolute path.</param>
/// <param name="Arguments">With the program's own name first.</param>
/// <param name="Environment">As <c>NAME=value</c>.</param>
internal sealed record SpawnPlan(
    string Executable, IReadOnlyCollection<string> Arguments, IReadOnlyCollection<string> Environment)
{
    /// <summary>Null stays where we are.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Opened for appending as standard output and standard error; null throws both away.</summary>
    public string? OutputPath { get; init; }

    /// <summary>In the place of <see cref="OutputPath"/>; -1 when there is none.</summary>
    public int Output { get; init; } = -1;

    /// <summary>Become descriptors 3, 4 and so on in the child. Each number is above those.</summary>
    public IReadOnlyList<int> Handed { get; init; } = [];
}

/// <summary>
/// Starts a process in a session of its own, with default signals, an empty mask, and no descriptors but those it is
/// given. The call comes back when the program has been loaded or could not be: the error is the child's own. It may be
/// made on any thread. Source: posix_spawn(3).
/// </summary>
internal static unsafe class SpawnCall
{
    /// <summary>What a log file is made with; the umask of this process narrows it.</summary>
    internal const uint OutputMode = 0b110_100_000;

    internal const int OutputFlags = NativeFiles.WriteOnly | NativeFiles.Create | NativeFiles.Append;

    private const string Nothing = "/dev/null";
    private const int FirstHanded = 3;

    private static volatile bool s_hasCloseFrom = true;

    /// <summary>0, or the error.</summary>
    internal static int Run(SpawnPlan plan, out int pid)
    {
        var actions = stackalloc byte[NativeSpawn.ObjectSize];
        var attributes = stackalloc byte[NativeSpawn.ObjectSize];
        pid = 0;
        if (NativeSpawn.InitializeActions(actions) is var failed and not 0)
        {
            return failed;
        }

        try
        {
            if (NativeSpawn.InitializeAttributes(attributes) is var refused and not 0)
            {
                return refused;
            }

            try
            {
                return Prepare(plan, actions, attributes) is var error and not 0
                    ? error
                    : Start(plan, actions, attributes, out pid);
            }
            finally
            {
                _ = NativeSpawn.DestroyAttributes(attributes);
            }
        }
        finally
        {
            _ = NativeSpawn.DestroyActions(actions);
        }
    }

    /// <summary>
    /// Descriptors of this process from <paramref name="first"/> on, for C libraries that cannot close a range. The
    /// base library opens its own to be closed on exec; these are the ones that this process was started with.
    /// </summary>
    internal static IReadOnlyList<int> OpenDescriptors(int first) =>
        [
            .. Directory.EnumerateFileSystemEntries("/proc/self/fd")
                .Select(path => int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture))
                .Where(descriptor => descriptor >= first),
        ];

    private static int Start(SpawnPlan plan, byte* actions, byte* attributes, out int pid)
    {
        using var arguments = new NativeStrings(plan.Arguments);
        using var environment = new NativeStrings(plan.Environment);
        fixed (byte* path = Encoding.UTF8.GetBytes(plan.Executable + '\0'))
        {
            return NativeSpawn.Spawn(out pid, path, actions, attributes, arguments.Pointer, environment.Pointer);
        }
    }

    private static int Prepare(SpawnPlan plan, byte* actions, byte* attributes)
    {
        var signals = stackalloc byte[NativeSpawn.SignalSetSize];
        var error = NativeSpawn.AddOpen(actions, 0, Nothing, NativeFiles.ReadOnly, 0);
        error = error != 0 ? error : plan.Output >= 0
            ? NativeSpawn.AddDuplicate(actions, plan.Output, 1)
            : NativeSpawn.AddOpen(actions, 1, plan.OutputPath ?? Nothing, OutputFlags, OutputMode);
        error = error != 0 ? error : NativeSpawn.AddDuplicate(actions, 1, 2);
        for (var index = 0; index < plan.Handed.Count && error == 0; index++)
        {
            error = NativeSpawn.AddDuplicate(actions, plan.Handed[index], FirstHanded + index);
        }

        if (plan.WorkingDirectory is { } directory && error == 0)
        {
            error = NativeSpawn.AddChangeDirectory(actions, directory);
        }

        error = error != 0 ? error : CloseOthers(actions, FirstHanded + plan.Handed.Count);
        error = error != 0 ? error : NativeSpawn.SetFlags(
            attributes, NativeSpawn.SetSession | NativeSpawn.SetSignalDefaults | NativeSpawn.SetSignalMask);
        _ = NativeSpawn.FillSignalSet(signals);
        error = error != 0 ? error : NativeSpawn.SetDefaultSignals(attributes, signals);
        _ = NativeSpawn.EmptySignalSet(signals);
        return error != 0 ? error : NativeSpawn.SetMask(attributes, signals);
    }

    private static int CloseOthers(byte* actions, int first)
    {
        if (s_hasCloseFrom)
        {
            try
            {
                return NativeSpawn.AddCloseFrom(actions, first);
            }
            catch (EntryPointNotFoundException)
            {
                s_hasCloseFrom = false;
            }
        }

        return CloseEach(actions, OpenDescriptors(first));
    }

    private static int CloseEach(byte* actions, IReadOnlyList<int> descriptors)
    {
        foreach (var descriptor in descriptors)
        {
            // One that is closed by then does no harm: only a number out of range is an error to the child.
            if (NativeSpawn.AddClose(actions, descriptor) is var error and not 0)
            {
                return error;
            }
        }

        return 0;
    }
}
