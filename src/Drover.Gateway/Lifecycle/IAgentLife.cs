namespace Drover.Gateway.Lifecycle;

/// <summary>What requests, operators and capacity can ask of an agent's life. Thread-safe.</summary>
internal interface IAgentLife
{
    /// <summary>
    /// Somebody wants the agent: a wake begins unless one is under way or it serves. Returns at once; how it goes is
    /// seen in the view.
    /// </summary>
    void Wake(WakeCause cause);

    /// <summary>Puts the agent to sleep: no new work, open work drained, then scaled to nothing.</summary>
    Task<SleepOutcome> SleepAsync(SleepCause cause, CancellationToken cancellationToken);
}

/// <summary>Who wants an agent.</summary>
internal enum WakeCause
{
    /// <summary>A request that came for it.</summary>
    Request,

    /// <summary>An operator.</summary>
    Operator,
}

/// <summary>Why an agent is put to sleep.</summary>
internal enum SleepCause
{
    /// <summary>Nobody used it.</summary>
    Idle,

    /// <summary>An operator.</summary>
    Operator,

    /// <summary>Another one needs the room; never while work is open.</summary>
    Capacity,
}

/// <summary>How an order to sleep ended.</summary>
internal abstract record SleepOutcome
{
    private SleepOutcome()
    {
    }

    /// <summary>It sleeps.</summary>
    internal sealed record Asleep : SleepOutcome;

    /// <summary>It stays awake.</summary>
    /// <param name="Reason">One sentence for people.</param>
    internal sealed record Refused(string Reason) : SleepOutcome;
}
