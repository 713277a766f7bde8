using Drover.Core.Events;

namespace Drover.Core.Agents;

/// <summary>What <see cref="AgentMachine"/> wants done. Its result comes back as an <see cref="AgentInput"/>.</summary>
public abstract record AgentEffect
{
    /// <summary>Something only agents on demand are ever ordered; one at a time, until its outcome came back.</summary>
    public abstract record Order(long Number) : AgentEffect;

    /// <summary>Set how many tasks the service should have.</summary>
    public sealed record Scale(long Number, int Replicas) : Order(Number);

    /// <summary>Freeze the container.</summary>
    public sealed record Pause(long Number, string ContainerId) : Order(Number);

    /// <summary>Let the container go on.</summary>
    public sealed record Unpause(long Number, string ContainerId) : Order(Number);

    /// <summary>Ask whether there is room for the agent, and make it; comes back as admitted or denied.</summary>
    public sealed record Admit(long Number) : AgentEffect;

    /// <summary>Ask the task whether it serves.</summary>
    /// <param name="Number">Comes back with the answer.</param>
    /// <param name="Task">Whom to ask.</param>
    /// <param name="IsEager">True: somebody waits for it to begin; a connection that does not stand at once is given up
    /// soon and tried again.</param>
    public sealed record Probe(long Number, AgentTask Task, bool IsEager) : AgentEffect;

    /// <summary>Let no more work begin; comes back as fenced, and as drained when it was not so at once.</summary>
    public sealed record RaiseFence(long Number) : AgentEffect;

    /// <summary>Let work begin again.</summary>
    public sealed record LiftFence : AgentEffect;

    /// <summary>Tell open WebSockets that the agent goes away, and give them a moment.</summary>
    public sealed record CloseSockets(long Number) : AgentEffect;

    /// <summary>Answer everybody who wanted it asleep.</summary>
    /// <param name="Refusal">Why it stays awake; null: it sleeps.</param>
    public sealed record AnswerSleep(string? Refusal) : AgentEffect;

    /// <summary>Emit an event about the agent.</summary>
    public sealed record Emit(EventType Type, IReadOnlyList<AgentDetail> Details) : AgentEffect;
}

/// <summary>One field of the <c>data</c> of an agent's event.</summary>
/// <param name="Name">As the type declares it.</param>
/// <param name="Value">A text or a whole number.</param>
public readonly record struct AgentDetail(string Name, object Value);

/// <summary>What <see cref="AgentMachine"/> decided.</summary>
/// <param name="Next">The agent from now on.</param>
/// <param name="Effects">What to do, in order.</param>
public sealed record AgentTransition(Agent Next, IReadOnlyList<AgentEffect> Effects);
