using System.Net;
using Drover.Wire;
using Drover.Wire.Client;

namespace Drover;

/// <summary>The exit code and the next step for each problem the server answers with.</summary>
internal static class ProblemAdvice
{
    public static (ExitCode Code, string? Hint) Of(ServerProblemException problem) => problem.Name switch
    {
        Problems.Unauthorized => (
            ExitCode.Refused,
            "set DROVER_TOKEN_FILE to a file with a valid API token (`drover token create` on the server's machine "
                + "makes one)"),
        Problems.Forbidden => (ExitCode.Refused, "ask an admin for a token with a greater role"),
        Problems.AppUnknown => (ExitCode.NotFound, Candidates("did you mean", problem) ?? "`drover ps` lists the apps"),
        Problems.NotFound => (ExitCode.NotFound, Candidates("did you mean", problem)),
        Problems.AppAmbiguous => (ExitCode.Ambiguous, Candidates("choose one with --container or --host", problem)),
        Problems.HostAmbiguous => (ExitCode.Ambiguous, Candidates("choose one with --host", problem)),
        Problems.InvalidRequest or Problems.TooLarge => (ExitCode.Usage, null),
        Problems.HostUnavailable => (ExitCode.NotReachable, "`drover hosts` shows what state each host is in"),
        Problems.TooManyRequests => (ExitCode.Refused, "wait a minute and try again"),
        Problems.Conflict => (ExitCode.Failed, null),
        _ => (problem.Status >= HttpStatusCode.InternalServerError ? ExitCode.Failed : ExitCode.Usage, null),
    };

    private static string? Candidates(string lead, ServerProblemException problem) =>
        problem.Problem.Candidates is { Count: > 0 } candidates ? $"{lead}: {string.Join(", ", candidates)}" : null;
}
