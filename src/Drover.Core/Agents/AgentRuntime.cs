using System.Collections.Immutable;

namespace Drover.Core.Agents;

/// <summary>What an agent has lived through. Instants are spans on the gateway's monotonic clock.</summary>
public sealed record AgentRuntime
{
    /// <summary>An agent of which nothing is known yet.</summary>
    public static readonly AgentRuntime Initial = new();

    /// <summary>What it is doing, for everybody.</summary>
    public AgentState State { get; init; } = AgentState.Starting;

    /// <summary>What is being done about it.</summary>
    public AgentPhase Phase { get; init; }

    /// <summary>Why it does not serve; null where there is nothing to say.</summary>
    public AgentFault? Fault { get; init; } =
        new(AgentReasons.Unknown, "nothing is known of it yet: the Docker Engine has not answered");

    /// <summary>True while it sleeps frozen and not stopped.</summary>
    public bool IsDozing => Phase is AgentPhase.Dozing;

    /// <summary>True while it takes room: from the moment it was let in until Swarm has given its tasks up.</summary>
    public bool IsAwake => Phase switch
    {
        AgentPhase.Waking => Wake is not { Step: WakeStep.Admission },
        AgentPhase.Serving or AgentPhase.Lost or AgentPhase.Draining or AgentPhase.Freezing
            or AgentPhase.Falling => true,
        _ => false,
    };

    /// <summary>The last that Swarm said; null: nothing yet.</summary>
    public ServiceObservation? Seen { get; init; }

    /// <summary>The task that serves, or sleeps frozen; null: none.</summary>
    public AgentTask? Target { get; init; }

    /// <summary>How many tasks have been the target before this one and with it.</summary>
    public long Generation { get; init; }

    /// <summary>True: requests go to <see cref="Target"/>.</summary>
    public bool IsRouted => Target is not null && Phase is AgentPhase.Serving && State is AgentState.Ready;

    /// <summary>When a wake under way will be over, by the agent's own history; null: nothing is known.</summary>
    public TimeSpan? ReadyBy { get; init; }

    /// <summary>How long wakes from nothing took.</summary>
    public WakeHistory Wakes { get; init; } = WakeHistory.Empty;

    /// <summary>How long wakes of a frozen task took.</summary>
    public WakeHistory Thaws { get; init; } = WakeHistory.Empty;

    /// <summary>The wake under way, or the one that waits until a sleep is over; null: none.</summary>
    internal Wake? Wake { get; init; }

    /// <summary>The sleep under way; null: none.</summary>
    internal Sleep? Sleep { get; init; }

    /// <summary>The last number that was given to an effect.</summary>
    internal long Number { get; init; }

    /// <summary>The order whose outcome is waited for; null: none.</summary>
    internal AgentEffect.Order? Order { get; init; }

    /// <summary>When an order that the platform did not answer is tried again; null: none waits.</summary>
    internal TimeSpan? RetryAt { get; init; }

    /// <summary>How often in a row the platform did not answer.</summary>
    internal int Retries { get; init; }

    /// <summary>The probe whose answer is waited for; null: none.</summary>
    internal AgentEffect.Probe? Probe { get; init; }

    /// <summary>When the next probe is due; null: none is.</summary>
    internal TimeSpan? ProbeAt { get; init; }

    /// <summary>Probes that failed in a row.</summary>
    internal int Failures { get; init; }

    /// <summary>True: a request failed on the way, so that one bad probe is enough.</summary>
    internal bool IsSuspect { get; init; }

    /// <summary>When to look whether it is idle; null: not now.</summary>
    internal TimeSpan? LookAt { get; init; }

    /// <summary>When it counts that nothing of it runs or is on its way; null: something does.</summary>
    internal TimeSpan? QuietAt { get; init; }

    /// <summary>True once it has been said that Swarm starts no other task.</summary>
    internal bool IsGivenUp { get; init; }

    /// <summary>Since when it serves, which counts as use: a wake that nobody follows up is not idle at once.</summary>
    internal TimeSpan ServingSince { get; init; }

    /// <summary>What the last probe that failed found; null: none did since the last that was good.</summary>
    internal string? ProbeMessage { get; init; }

    /// <summary>Wakes that failed in a row.</summary>
    internal int FailedWakes { get; init; }

    /// <summary>Until when requests do not wake it again after wakes that failed; null: they do.</summary>
    public TimeSpan? RestsUntil { get; init; }

    /// <summary>Until when Swarm is asked often; null: not for this reason.</summary>
    internal TimeSpan? HurryUntil { get; init; }

    /// <summary>True while the fence stands.</summary>
    internal bool IsFenced { get; init; }

    /// <summary>The task that could not be frozen; null: none was tried.</summary>
    internal string? CannotFreeze { get; init; }
}

/// <summary>What is being done about an agent.</summary>
public enum AgentPhase
{
    /// <summary>Nothing is known of its service.</summary>
    Unseen,

    /// <summary>There is no such service.</summary>
    Missing,

    /// <summary>Its service has no tasks, and that is as it should be.</summary>
    Asleep,

    /// <summary>It is woken, or comes by itself.</summary>
    Waking,

    /// <summary>A task of it serves, or did until its probes began to fail.</summary>
    Serving,

    /// <summary>It should serve and nothing of it does; Swarm may bring another task.</summary>
    Lost,

    /// <summary>No more work begins; what is open ends.</summary>
    Draining,

    /// <summary>Its task is being frozen.</summary>
    Freezing,

    /// <summary>Its task is frozen.</summary>
    Dozing,

    /// <summary>Its service is being scaled to nothing.</summary>
    Falling,
}

/// <summary>How far a wake has come.</summary>
internal enum WakeStep
{
    /// <summary>Whether there is room.</summary>
    Admission,

    /// <summary>Tasks of before are still wanted by Swarm.</summary>
    Settling,

    /// <summary>The order is on its way, or is tried again.</summary>
    Ordering,

    /// <summary>Swarm brings a task.</summary>
    Coming,
}

/// <summary>A wake.</summary>
/// <param name="Cause">Who wanted it; null: nobody here, Swarm brings a task by itself.</param>
/// <param name="StartedAt">When it began, or was let in.</param>
internal sealed record Wake(WakeCause? Cause, TimeSpan StartedAt)
{
    public WakeStep Step { get; init; }

    /// <summary>The question whether there is room; 0: not asked.</summary>
    public long Admission { get; init; }

    /// <summary>True: a frozen task is let go on.</summary>
    public bool IsThaw { get; init; }

    /// <summary>True: Swarm has been seen to want a task.</summary>
    public bool SawReplicas { get; init; }

    /// <summary>Tasks that were there before; what they say is of another time.</summary>
    public ImmutableHashSet<string> Before { get; init; } = [];
}

/// <summary>A sleep.</summary>
/// <param name="Cause">Who wanted it.</param>
/// <param name="RaisedAt">When the fence was ordered.</param>
internal sealed record Sleep(SleepCause Cause, TimeSpan RaisedAt)
{
    /// <summary>True: its task is frozen and not stopped.</summary>
    public bool IsDoze { get; init; }

    /// <summary>The fence that is waited for.</summary>
    public long Fence { get; init; }

    /// <summary>The closing of WebSockets that is waited for; null: none.</summary>
    public long? Closing { get; init; }

    /// <summary>True: Swarm has taken the order.</summary>
    public bool IsOrdered { get; init; }

    /// <summary>True: it ends a wake that failed, and goes on until it is done.</summary>
    public bool EndsFailure { get; init; }
}
