namespace Drover.Core.Events;

/// <summary>How much an event wants a person's attention. On the wire in lower case.</summary>
public enum EventSeverity
{
    /// <summary>Expected and good to know.</summary>
    Info,

    /// <summary>Degraded; Drover is dealing with it.</summary>
    Warning,

    /// <summary>Something is down or lost and Drover alone will not mend it.</summary>
    Error,
}
