namespace Drover.Supervisor.Control;

/// <summary>What a supervisor can be asked over its socket.</summary>
public enum ControlVerb
{
    /// <summary>What everything does now.</summary>
    Status,

    /// <summary>Start one component with what it depends on, or all that rest.</summary>
    Start,

    /// <summary>Stop one component, or all; the supervisor itself stays.</summary>
    Stop,

    /// <summary>End the running instance and start another; of all components, dependencies first.</summary>
    Restart,

    /// <summary>Read the user's file again and take up what changed.</summary>
    Reload,

    /// <summary>The last ends of instances.</summary>
    History,

    /// <summary>The status now and after every change, until the caller hangs up.</summary>
    Watch,

    /// <summary>Stop all components, then the supervisor.</summary>
    Shutdown,
}

/// <summary>One question or order: one JSON object on one line.</summary>
public sealed record ControlRequest
{
    /// <summary>What is asked.</summary>
    public required ControlVerb Verb { get; init; }

    /// <summary>Of which component; null for all.</summary>
    public string? Component { get; init; }

    /// <summary>Of a history: at most so many entries, the newest.</summary>
    public int? Limit { get; init; }

    /// <summary>Of an order: the most seconds to wait until it has been carried out; 0 answers as soon as it is
    /// accepted. Null: as long as it takes.</summary>
    public double? WaitSeconds { get; init; }
}
