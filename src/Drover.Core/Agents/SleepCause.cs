namespace Drover.Core.Agents;

/// <summary>Why an agent is put to sleep. On the wire in lower case.</summary>
public enum SleepCause
{
    /// <summary>Nobody used it.</summary>
    Idle,

    /// <summary>An operator.</summary>
    Operator,

    /// <summary>Another one needs the room; never while work is open.</summary>
    Capacity,
}
