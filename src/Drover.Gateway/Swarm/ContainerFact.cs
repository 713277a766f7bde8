namespace Drover.Gateway.Swarm;

/// <summary>What this node's engine says of the container of a task, ahead of what Swarm says.</summary>
/// <param name="TaskId">The task.</param>
/// <param name="ContainerId">Its container.</param>
internal sealed record ContainerFact(string TaskId, string ContainerId)
{
    /// <summary>True: its process was started.</summary>
    public bool HasStarted { get; init; }

    /// <summary>True: it is frozen.</summary>
    public bool IsPaused { get; init; }

    /// <summary>True: its process has ended, for good: Swarm starts no container twice.</summary>
    public bool IsOver { get; init; }

    /// <summary>What it ended with; null: it has not, or nobody saw it.</summary>
    public int? ExitCode { get; init; }

    /// <summary>True: the kernel killed a process of it for want of memory.</summary>
    public bool RanOutOfMemory { get; init; }

    /// <summary>When it was learnt, in the count of its picture.</summary>
    public long Moment { get; init; }
}
