namespace Drover.Runtime.Processes;

/// <summary>What became of a process that an earlier run of the supervisor started.</summary>
public abstract record AdoptOutcome
{
    /// <summary>It lives, and it is the same.</summary>
    /// <param name="Process">To be disposed by the caller.</param>
    public sealed record Alive(ISupervisedProcess Process) : AdoptOutcome;

    /// <summary>
    /// It has ended. What it left behind may live on: <see cref="IProcessLauncher.KillRemainsAsync"/>.
    /// </summary>
    /// <param name="Exit">How, where it can still be told.</param>
    public sealed record Gone(ProcessExit? Exit) : AdoptOutcome;

    /// <summary>The number belongs to another process now, which is not touched.</summary>
    /// <param name="Why">How it was seen.</param>
    public sealed record Mismatch(string Why) : AdoptOutcome;
}
