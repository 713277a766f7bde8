namespace Drover;

/// <summary>What the process ends with; scripts may rely on it (docs/reference/errors.md).</summary>
internal enum ExitCode
{
    /// <summary>Done.</summary>
    Ok = 0,

    /// <summary>It was tried and failed; the sentence on standard error says why.</summary>
    Failed = 1,

    /// <summary>The command line cannot be understood.</summary>
    Usage = 2,

    /// <summary>The server, the supervisor or the gateway, or what it needs, does not answer.</summary>
    NotReachable = 3,

    /// <summary>What was asked refuses the caller, or the host's policy refuses the order.</summary>
    Refused = 4,

    /// <summary>There is no such app, component, agent, host, command or token.</summary>
    NotFound = 5,

    /// <summary>Several could be meant; they are listed.</summary>
    Ambiguous = 6,

    /// <summary>It was accepted and did not end within the time waited; it may still happen.</summary>
    TimedOut = 7,

    /// <summary>drover.yaml or another setting is invalid.</summary>
    ConfigInvalid = 8,

    /// <summary>
    /// Something else of this machine is in the way: a port taken, a second drover on one data directory.
    /// </summary>
    Busy = 9,

    /// <summary>The audit is not what was written.</summary>
    AuditBroken = 10,

    /// <summary>Interrupted by a person (SIGINT).</summary>
    Interrupted = 130,

    /// <summary>Who reads our output went away (SIGPIPE).</summary>
    OutputClosed = 141,
}

/// <summary>The exit codes with what the reference and <c>--help</c> say of them.</summary>
internal static class ExitCodes
{
    /// <summary>All of them, ascending.</summary>
    public static readonly IReadOnlyList<(ExitCode Code, string Meaning)> All =
    [
        (ExitCode.Ok, "Done."),
        (ExitCode.Failed, "It was tried and failed; the sentence on standard error says why."),
        (ExitCode.Usage, "The command line cannot be understood."),
        (ExitCode.NotReachable, "The server, the supervisor or the gateway does not answer, or none runs here."),
        (
            ExitCode.Refused,
            "The server, the supervisor or the gateway refuses the caller, or the host's policy refuses the order."),
        (ExitCode.NotFound, "There is no such app, component, agent, host, command or token."),
        (ExitCode.Ambiguous, "Several could be meant; they are listed."),
        (ExitCode.TimedOut, "It was accepted and did not end within the time waited; it may still happen."),
        (ExitCode.ConfigInvalid, "drover.yaml, the data directory or another setting cannot be used."),
        (ExitCode.Busy, "Something else is in the way: the port is taken, or another drover uses the data directory."),
        (ExitCode.AuditBroken, "The audit is not what was written; standard error says from which entry on."),
        (ExitCode.Interrupted, "Interrupted (Ctrl-C)."),
        (ExitCode.OutputClosed, "Whatever read the output went away."),
    ];
}
