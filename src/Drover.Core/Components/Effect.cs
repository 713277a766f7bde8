using Drover.Core.Events;
using Drover.Core.Health;

namespace Drover.Core.Components;

/// <summary>What <see cref="ComponentMachine"/> wants done. Its result comes back as an <see cref="Input"/>.</summary>
public abstract record Effect
{
    /// <summary>Launch this instance; comes back as launched or as failed, always.</summary>
    public sealed record Launch(long Instance) : Effect;

    /// <summary>
    /// Give up a launch that is on its way and may take long. Comes back as failed, or, where it was too late for that,
    /// as launched.
    /// </summary>
    public sealed record CancelLaunch(long Instance) : Effect;

    /// <summary>Ask the instance to end. Nothing happens when its identity does not match any more.</summary>
    public sealed record Signal(long Instance, string Name) : Effect;

    /// <summary>End the instance and everything it left behind.</summary>
    public sealed record Kill(long Instance) : Effect;

    /// <summary>Set the component's one timer, in the place of any before.</summary>
    public sealed record Wake(TimeSpan At, long Epoch) : Effect;

    /// <summary>Feed the component's <see cref="HealthMachine"/>, before anything else reaches it.</summary>
    public sealed record TellHealth(HealthInput Input) : Effect;

    /// <summary>Emit an event about the component.</summary>
    public sealed record Emit(EventType Type, IReadOnlyList<EventField> Fields) : Effect;
}

/// <summary>One field of an event's <c>data</c>.</summary>
public readonly record struct EventField(string Name, string Value);

/// <summary>What <see cref="ComponentMachine"/> decided.</summary>
/// <param name="Next">The component from now on.</param>
/// <param name="Effects">What to do, in order.</param>
public sealed record Transition(Component Next, IReadOnlyList<Effect> Effects);
