namespace Drover.Simulation.Machines;

/// <summary>
/// What is broken on purpose, in the parts around the supervisor or in what it is told, to see that the simulation
/// would notice: one for each invariant at least.
/// </summary>
internal enum Sabotage
{
    None,

    /// <summary>An adoption never finds the recorded process, and nothing of it is ended.</summary>
    LosesWhatItLaunched,

    /// <summary>A recorded process is known by its number alone.</summary>
    TrustsNumbers,

    /// <summary>Only the leader is ended, and only the leader is looked for.</summary>
    LeavesChildrenBehind,

    /// <summary>Each record is written over the one before it, at the beginning of the file.</summary>
    RecordsOverwriteOneAnother,

    /// <summary>Now and then a write succeeds and nothing is written.</summary>
    RecordsAreLost,

    /// <summary>The machine is given a higher limit than the file says.</summary>
    RestartsOncePastTheLimit,

    /// <summary>The machine is given longer delays than the policy's.</summary>
    WaitsTooLong,

    /// <summary>The machine is given shorter delays than the policy's.</summary>
    WaitsTooShort,

    /// <summary>Timers ring late.</summary>
    TimersRingLate,

    /// <summary>Now and then a probe does not end when its time is over.</summary>
    ProbesHangPastTheirTimeout,

    /// <summary>The liveness probe does not wait for the startup probe.</summary>
    StartupGatesNothing,

    /// <summary>The end of a process is told a minute late.</summary>
    EndsAreToldLate,

    /// <summary>Now and then an end is not kept in the history.</summary>
    HistoryForgets,

    /// <summary>Now and then an end is kept twice.</summary>
    HistoryStutters,

    /// <summary>Now and then an event is told twice.</summary>
    EventsStutter,

    /// <summary>A stop is answered before it is done.</summary>
    StopsTooEarly,

    /// <summary>What carries the mark of an instance that no record names is not found.</summary>
    MarksAreNotSought,
}
