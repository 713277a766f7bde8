namespace Drover.Core.Agents;

/// <summary>What Swarm says of an agent's service at one moment; it never changes.</summary>
public sealed record ServiceObservation
{
    /// <summary>The service's id; null: there is no such service.</summary>
    public string? ServiceId { get; init; }

    /// <summary>How many tasks it should have.</summary>
    public int Replicas { get; init; }

    /// <summary>The memory that its tasks may take, in bytes each; null: no limit.</summary>
    public long? MemoryLimit { get; init; }

    /// <summary>How often Swarm restarts a task that ended; null: without end.</summary>
    public long? MaxAttempts { get; init; }

    /// <summary>Its tasks that did not end, and the last that failed or ended by itself; the newest first.</summary>
    public IReadOnlyList<TaskObservation> Tasks { get; init; } = [];

    /// <summary>The best task to send requests to; null: none.</summary>
    public TaskObservation? Serving => Tasks.FirstOrDefault(task => task.IsUp && task.Address is not null);
}

/// <summary>What is known of one task.</summary>
public sealed record TaskObservation
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>How far it has come.</summary>
    public required TaskPhase Phase { get; init; }

    /// <summary>True: Swarm wants it to run; false: to end.</summary>
    public bool IsWanted { get; init; }

    /// <summary>Its address in the network that the gateway shares with it, without a port; null: none yet.</summary>
    public string? Address { get; init; }

    /// <summary>Its container; null: none yet.</summary>
    public string? ContainerId { get; init; }

    /// <summary>True: it runs on the engine that the gateway talks to, which can freeze it.</summary>
    public bool IsLocal { get; init; }

    /// <summary>True: its container has started, which the engine says before Swarm does.</summary>
    public bool HasStarted { get; init; }

    /// <summary>True: its container is frozen.</summary>
    public bool IsPaused { get; init; }

    /// <summary>Why it failed or waits, in the platform's words; null: nothing to say.</summary>
    public string? Error { get; init; }

    /// <summary>What its main process ended with; null: it has not, or nobody knows.</summary>
    public int? ExitCode { get; init; }

    /// <summary>True while requests can be sent to it.</summary>
    public bool IsUp => IsWanted && (HasStarted || Phase is TaskPhase.Running) && Phase < TaskPhase.Ended;
}

/// <summary>How far a task has come; it only goes forward.</summary>
public enum TaskPhase
{
    /// <summary>It has no node: none fits, or the scheduler has not looked yet.</summary>
    Pending,

    /// <summary>Its node gets it ready: image, network, container, health.</summary>
    Preparing,

    /// <summary>It runs.</summary>
    Running,

    /// <summary>It ended as it should.</summary>
    Ended,

    /// <summary>It failed, or its node refused it.</summary>
    Failed,
}
