namespace Drover.Reference;

/// <summary>What the exit codes mean for the verbs of <c>drover gateway</c>; a test keeps it whole.</summary>
internal static class GatewayExitCodes
{
    private const string NoneAnswers = "No gateway runs on this data directory, or the one of DROVER_GATEWAY is away.";
    private const string NotYours = "Another user runs it, or the token is wrong.";
    private const string NoSuch = "There is no agent of that name; the nearest is named.";

    /// <summary>In the order of the command tree.</summary>
    internal static readonly IReadOnlyList<(string Verb, ExitCode Code, string Meaning)> All =
    [
        ("agents", ExitCode.Ok, "The agents are shown. How they are is in the answer, not in the code."),
        ("agents", ExitCode.NotReachable, NoneAnswers),
        ("agents", ExitCode.Refused, NotYours),
        ("inspect", ExitCode.Ok, "The agent is shown."),
        ("inspect", ExitCode.NotReachable, NoneAnswers),
        ("inspect", ExitCode.Refused, NotYours),
        ("inspect", ExitCode.NotFound, NoSuch),
        ("wake", ExitCode.Ok, "It serves. Also where it did already."),
        ("wake", ExitCode.Failed, "The wake failed, or its policy is not on_demand; the sentence says which."),
        ("wake", ExitCode.NotReachable, NoneAnswers),
        ("wake", ExitCode.Refused, NotYours),
        ("wake", ExitCode.NotFound, NoSuch),
        ("wake", ExitCode.TimedOut, "It goes on waking; `--wait` was over before."),
        ("sleep", ExitCode.Ok, "It sleeps."),
        ("sleep", ExitCode.Failed, "It stays awake, or its policy is not on_demand; the sentence says why."),
        ("sleep", ExitCode.NotReachable, NoneAnswers),
        ("sleep", ExitCode.Refused, NotYours),
        ("sleep", ExitCode.NotFound, NoSuch),
        ("sleep", ExitCode.TimedOut, "What is open is still draining; `--wait` was over before."),
        ("routes", ExitCode.Ok, "The routes are shown."),
        ("routes", ExitCode.NotReachable, NoneAnswers),
        ("routes", ExitCode.Refused, NotYours),
        ("events", ExitCode.Ok, "The events are shown."),
        ("events", ExitCode.NotReachable, NoneAnswers),
        ("events", ExitCode.Refused, NotYours),
        ("webhooks", ExitCode.Ok, "The webhooks or their dead letters are shown, or those are sent again."),
        ("webhooks", ExitCode.NotReachable, NoneAnswers),
        ("webhooks", ExitCode.Refused, NotYours),
        ("webhooks", ExitCode.NotFound, "There is no webhook of that name; the nearest is named."),
    ];
}
