namespace Drover.Core.Agents;

/// <summary>One agent behind the gateway: what the user says of it and what it has lived through.</summary>
/// <param name="Spec">The user's word.</param>
/// <param name="Runtime">What is so.</param>
public sealed record Agent(AgentSpec Spec, AgentRuntime Runtime)
{
    /// <summary>How long Swarm may take to act on an order, and to begin a new task where one ended.</summary>
    internal static readonly TimeSpan Settles = TimeSpan.FromSeconds(5);

    /// <summary>How long a wake waits for the tasks of before to be given up, so that it cannot meet one of
    /// them.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>When to feed the next <see cref="AgentInput.Ticked"/>; null while time changes nothing.</summary>
    public TimeSpan? NextAt
    {
        get
        {
            var runtime = Runtime;
            var next = Sooner(Sooner(runtime.ProbeAt, runtime.LookAt), Sooner(runtime.RetryAt, runtime.QuietAt));
            return Sooner(Sooner(next, runtime.HurryUntil), Sooner(StartupEndsAt, DrainEndsAt));
        }
    }

    /// <summary>True while Swarm should be asked often, for somebody waits or something is wrong.</summary>
    public bool IsUrgent => Runtime.HurryUntil is not null
        || Runtime is { Phase: AgentPhase.Waking, Wake.Step: not WakeStep.Admission }
            or { Phase: AgentPhase.Falling, RetryAt: null };

    /// <summary>When a wake has taken too long, or as long as it waits for the tasks of before.</summary>
    internal TimeSpan? StartupEndsAt => Runtime is not { Phase: AgentPhase.Waking, Wake: { } wake } ? null
        : wake.Step switch
        {
            WakeStep.Admission => null,
            WakeStep.Settling => wake.StartedAt
                + (Patience < Spec.StartupTimeout / 2 ? Patience : Spec.StartupTimeout / 2),
            _ => wake.StartedAt + Spec.StartupTimeout,
        };

    /// <summary>When open work has had its time.</summary>
    internal TimeSpan? DrainEndsAt => Runtime is { Phase: AgentPhase.Draining, Sleep: { Closing: null } sleep }
        ? sleep.RaisedAt + Spec.DrainTimeout
        : null;

    private static TimeSpan? Sooner(TimeSpan? one, TimeSpan? other) =>
        one is null || other < one ? other ?? one : one;
}

/// <summary>A task that requests can be sent to.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Address">Its address, without a port.</param>
public sealed record AgentTask(string Id, string Address);
