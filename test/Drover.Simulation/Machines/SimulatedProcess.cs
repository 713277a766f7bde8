namespace Drover.Simulation.Machines;

/// <summary>A process of the simulated machine, with what is true of it and nobody but the kernel knows.</summary>
internal sealed class SimulatedProcess
{
    internal required int Pid { get; init; }

    /// <summary>Clock ticks since boot.</summary>
    internal required ulong StartTime { get; init; }

    internal required ulong Inode { get; init; }

    internal required int Group { get; init; }

    internal required int Session { get; init; }

    /// <summary>Whose it is; null for somebody else's.</summary>
    internal string? Component { get; init; }

    internal long Instance { get; init; }

    internal bool IsLeader { get; init; }

    /// <summary>In its environment; null where it cleared that or never had one.</summary>
    internal string? Marker { get; init; }

    internal int Parent { get; set; }

    internal required TimeSpan LaunchedAt { get; init; }

    /// <summary>Whether the user's file had a startup probe for it when it was launched.</summary>
    internal bool HasStartupProbe { get; set; }

    /// <summary>That probe has succeeded.</summary>
    internal bool HasFinishedStarting { get; set; }

    internal bool HearsTerm { get; init; } = true;

    /// <summary>It waits in the kernel until then, and no kill reaches it.</summary>
    internal TimeSpan StuckUntil { get; set; }

    /// <summary>From then on its startup probe succeeds.</summary>
    internal TimeSpan ReadyAt { get; init; }

    /// <summary>From then on it answers nobody.</summary>
    internal TimeSpan HangsAt { get; init; } = TimeSpan.MaxValue;

    /// <summary>How often it answers badly although it is well.</summary>
    internal double Flaps { get; init; }

    internal bool IsDead => EndedAt is not null;

    internal TimeSpan? EndedAt { get; set; }

    /// <summary>When it was first told to end, or killed.</summary>
    internal TimeSpan? SignalledAt { get; set; }

    internal int Status { get; set; }

    /// <summary>True once nobody can ask for its status any more and its number is free.</summary>
    internal bool IsReaped { get; set; }

    /// <summary>Told when it ends.</summary>
    internal List<Action> WhenEnded { get; } = [];

    internal string What => $"process {Pid} ({Component ?? "another's"} #{Instance}{(IsLeader ? ", leader" : "")})";
}
