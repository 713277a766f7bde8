namespace Drover.Runtime.Processes;

/// <summary>How a process ended.</summary>
public abstract record ProcessExit
{
    /// <summary>
    /// True when the kernel killed it, or something of its control group, for want of memory. Known only where the
    /// component has a control group with a memory controller.
    /// </summary>
    public bool OutOfMemory { get; init; }

    /// <summary>It ended by itself.</summary>
    /// <param name="Value">From 0 to 255.</param>
    public sealed record Code(int Value) : ProcessExit;

    /// <summary>A signal ended it.</summary>
    /// <param name="Name">As <c>SIGSEGV</c>.</param>
    /// <param name="CoreDumped">True when it left a core dump.</param>
    public sealed record BySignal(string Name, bool CoreDumped) : ProcessExit;

    /// <summary>It has ended, and how cannot be told.</summary>
    /// <param name="Why">A sentence without a full stop.</param>
    public sealed record Unknown(string Why) : ProcessExit;

    /// <summary>From the status that waitpid(2) gives.</summary>
    internal static ProcessExit FromStatus(int status) =>
        (status & 0x7F) is var signal and not 0
            ? new BySignal(new ProcessSignal(signal).Name, (status & 0x80) != 0)
            : new Code((status >> 8) & 0xFF);
}
