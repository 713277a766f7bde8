namespace Drover.Supervisor.State;

/// <summary>One life of a supervisor on its data directory.</summary>
public sealed record RunRecord
{
    /// <summary>Of this form.</summary>
    public int Version { get; init; } = 1;

    /// <summary>Names the data directory for good: part of the mark in every instance's environment.</summary>
    public required string Id { get; init; }

    /// <summary>The boot during which this life began.</summary>
    public required string Boot { get; init; }

    /// <summary>The supervisor's process id.</summary>
    public required int Pid { get; init; }

    /// <summary>When it started.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>The file its components stand in; null where there is none.</summary>
    public string? Configuration { get; init; }

    /// <summary>True from the order to end: what it was stopping shall run again with the next.</summary>
    public bool Stopping { get; init; }

    /// <summary>True when it ended in order, with no component left running.</summary>
    public bool Clean { get; init; }
}

/// <summary>How the life before this one ended.</summary>
public enum PreviousEnd
{
    /// <summary>There was none.</summary>
    First,

    /// <summary>In order: nothing was left running.</summary>
    Clean,

    /// <summary>It was killed or crashed; its components may still run.</summary>
    Crash,

    /// <summary>The machine went down with it; nothing of it runs.</summary>
    Reboot,
}
