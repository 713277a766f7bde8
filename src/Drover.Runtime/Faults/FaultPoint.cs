using System.Globalization;
using System.Runtime.InteropServices;
using Drover.Runtime.Configuration;

namespace Drover.Runtime.Faults;

/// <summary>
/// A place where a test lets this process die as if the power failed: SIGKILL to itself, so that nothing is flushed,
/// unwound or said. Armed by <see cref="EnvironmentVariables.Fault"/> as <c>name</c> or <c>name:n</c> for the n-th
/// time; otherwise a reach is a branch on a constant.
/// </summary>
public static partial class FaultPoint
{
    private const int SignalKill = 9;

    private static readonly ArmedFault? Armed =
        ArmedFault.TryParse(EnvironmentVariables.OfProcess[EnvironmentVariables.Fault]);

    /// <summary>Execution has come to this point.</summary>
    /// <param name="name">One of <see cref="FaultPoints"/>.</param>
    public static void Reach(string name)
    {
        if (Armed is not null && Armed.IsDue(name))
        {
            _ = Kill(Environment.ProcessId, SignalKill);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int processId, int signal);
}

/// <summary>Which reach of which point is the last thing the process does. Thread-safe.</summary>
internal sealed class ArmedFault(string name, int count)
{
    private int _left = count;

    /// <summary>Reads <c>name</c> or <c>name:n</c>; null for anything that names no point.</summary>
    internal static ArmedFault? TryParse(string? text)
    {
        var parts = text?.Split(':') ?? [];
        return parts switch
        {
            [var name] when FaultPoints.All.Contains(name) => new ArmedFault(name, 1),
            [var name, var number] when FaultPoints.All.Contains(name)
                && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
                && count > 0 => new ArmedFault(name, count),
            _ => null,
        };
    }

    /// <summary>True for exactly one reach: the one it was armed for.</summary>
    internal bool IsDue(string reached) => reached == name && Interlocked.Decrement(ref _left) == 0;
}
