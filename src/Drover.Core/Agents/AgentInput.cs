namespace Drover.Core.Agents;

/// <summary>Everything that can happen to an agent.</summary>
/// <param name="Now">When it happened, on the gateway's monotonic clock.</param>
public abstract record AgentInput(TimeSpan Now)
{
    /// <summary>How the agent is used at that moment.</summary>
    public AgentUsage Usage { get; init; }

    /// <summary>What Swarm says of its service now.</summary>
    public sealed record Seen(TimeSpan Now, ServiceObservation Service) : AgentInput(Now);

    /// <summary>Somebody wants it awake.</summary>
    public sealed record WakeWanted(TimeSpan Now, WakeCause Cause) : AgentInput(Now);

    /// <summary>Somebody wants it asleep; <see cref="AgentEffect.AnswerSleep"/> follows, always.</summary>
    public sealed record SleepWanted(TimeSpan Now, SleepCause Cause) : AgentInput(Now);

    /// <summary>There is room for it.</summary>
    public sealed record Admitted(TimeSpan Now, long Number) : AgentInput(Now);

    /// <summary>There is no room for it.</summary>
    /// <param name="Now">When.</param>
    /// <param name="Number">Of <see cref="AgentEffect.Admit"/>.</param>
    /// <param name="Reason">One sentence for people.</param>
    public sealed record Denied(TimeSpan Now, long Number, string Reason) : AgentInput(Now);

    /// <summary>An order to the platform ended.</summary>
    /// <param name="Now">When.</param>
    /// <param name="Number">Of <see cref="AgentEffect.Order"/>.</param>
    /// <param name="Outcome">How.</param>
    /// <param name="Reason">One sentence for people where it was not done.</param>
    public sealed record Ordered(TimeSpan Now, long Number, OrderOutcome Outcome, string Reason) : AgentInput(Now);

    /// <summary>A probe ended.</summary>
    /// <param name="Now">When.</param>
    /// <param name="Number">Of <see cref="AgentEffect.Probe"/>.</param>
    /// <param name="IsGood">Whether the agent serves.</param>
    /// <param name="Message">What the probe found, for people.</param>
    public sealed record Probed(TimeSpan Now, long Number, bool IsGood, string Message) : AgentInput(Now);

    /// <summary>The fence stands.</summary>
    /// <param name="Now">When.</param>
    /// <param name="Number">Of <see cref="AgentEffect.RaiseFence"/>.</param>
    /// <param name="IsDrained">True: no work is open behind it.</param>
    public sealed record Fenced(TimeSpan Now, long Number, bool IsDrained) : AgentInput(Now);

    /// <summary>The work that was open behind the fence has ended.</summary>
    public sealed record Drained(TimeSpan Now, long Number) : AgentInput(Now);

    /// <summary>The WebSockets have been told, and have ended or had their time to.</summary>
    public sealed record SocketsClosed(TimeSpan Now, long Number) : AgentInput(Now);

    /// <summary>A request could not be handed to the task of that generation.</summary>
    public sealed record Suspected(TimeSpan Now, long Generation) : AgentInput(Now);

    /// <summary>The user's file changed.</summary>
    public sealed record Respecified(TimeSpan Now, AgentSpec Spec) : AgentInput(Now);

    /// <summary>Time has passed; due at <see cref="Agent.NextAt"/>, harmless at any other instant.</summary>
    public sealed record Ticked(TimeSpan Now) : AgentInput(Now);
}

/// <summary>How an order to the platform ended.</summary>
public enum OrderOutcome
{
    /// <summary>It is ordered, or it was so already.</summary>
    Done,

    /// <summary>The platform refuses; trying again changes nothing.</summary>
    Refused,

    /// <summary>The platform does not answer; later it may.</summary>
    Unreachable,
}
