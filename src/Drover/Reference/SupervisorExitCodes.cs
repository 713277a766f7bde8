namespace Drover.Reference;

/// <summary>What the exit codes mean for the verbs of <c>drover supervisor</c>; a test keeps it whole.</summary>
internal static class SupervisorExitCodes
{
    private const string NoneRuns = "No supervisor runs on this data directory.";
    private const string NoSuch = "There is no component of that name; the hint names the nearest.";
    private const string NotYours = "Another user runs it: ask as that user, or as root.";

    /// <summary>In the order of the command tree.</summary>
    internal static readonly IReadOnlyList<(string Verb, ExitCode Code, string Meaning)> All =
    [
        ("run", ExitCode.Ok, "It was stopped by a signal or by `stop`, and nothing of its components runs."),
        ("run", ExitCode.Failed, "It could not start, or met a defect of its own; components go on running."),
        ("run", ExitCode.Busy, "Another supervisor runs on this data directory."),
        (
            "start",
            ExitCode.Ok,
            "Every component runs and is ready, has done its work, or is not ours to start. Also where a supervisor "
                + "ran already."),
        ("start", ExitCode.Failed, "A component failed, or ended and waits for its next try; or the supervisor did."),
        ("start", ExitCode.NotReachable, "A component is named, and no supervisor runs that could start it."),
        ("start", ExitCode.Refused, NotYours),
        ("start", ExitCode.NotFound, NoSuch),
        ("start", ExitCode.TimedOut, "The supervisor runs; not all components were ready within `--wait`."),
        ("start", ExitCode.ConfigInvalid, "The file has a mistake, or there is nothing to keep alive in it."),
        ("stop", ExitCode.Ok, "Nothing of what was to stop runs."),
        ("stop", ExitCode.Failed, "The supervisor ended, and something of its components could not be ended."),
        ("stop", ExitCode.NotReachable, NoneRuns),
        ("stop", ExitCode.Refused, NotYours),
        ("stop", ExitCode.NotFound, NoSuch),
        ("stop", ExitCode.TimedOut, "It goes on stopping; `--wait` was over, or a kill did not end it."),
        ("restart", ExitCode.Ok, "A new instance of each runs."),
        ("restart", ExitCode.Failed, "A new instance ended at once, or could not be started."),
        ("restart", ExitCode.NotReachable, NoneRuns),
        ("restart", ExitCode.Refused, NotYours),
        ("restart", ExitCode.NotFound, NoSuch),
        ("restart", ExitCode.TimedOut, "It goes on; `--wait` was over, or a kill did not end what ran."),
        ("reload", ExitCode.Ok, "The file was taken up."),
        ("reload", ExitCode.Failed, "The file has a mistake; nothing was changed."),
        ("reload", ExitCode.NotReachable, NoneRuns),
        ("reload", ExitCode.Refused, NotYours),
        ("status", ExitCode.Ok, "A supervisor runs. How its components are is in the answer, not in the code."),
        (
            "status",
            ExitCode.NotReachable,
            "None runs: what is shown was recorded last, held against the processes and containers that there are."),
        ("status", ExitCode.Refused, NotYours),
        ("logs", ExitCode.Ok, "The lines are shown, whether or not a supervisor runs."),
        ("logs", ExitCode.NotFound, "There is no component of that name, or its log is kept by somebody else."),
        ("explain", ExitCode.Ok, "It is explained; warnings do not change the code."),
        ("explain", ExitCode.NotFound, NoSuch),
        ("history", ExitCode.Ok, "The ends are shown, whether or not a supervisor runs."),
        ("history", ExitCode.NotReachable, "One begins or ends just now and holds the record; ask again."),
        ("history", ExitCode.Refused, NotYours),
        ("history", ExitCode.NotFound, NoSuch),
    ];
}
