using System.Net;
using Drover.Login;
using Drover.Runtime.Configuration;
using Drover.Wire;
using Drover.Wire.Client;

namespace Drover;

/// <summary>The exit code and the next step for each problem the server answers with.</summary>
internal static class ProblemAdvice
{
    /// <summary>How a person gets an API token.</summary>
    internal const string MakesToken =
        "`drover token create --role viewer|operator|admin --file FILE` makes one";

    public static (ExitCode Code, string? Hint) Of(ServerProblemException problem) => problem.Name switch
    {
        Problems.Unauthorized => (
            ExitCode.Refused,
            "`drover login SERVER` or DROVER_TOKEN_FILE take a valid API token; on the server's machine " + MakesToken),
        Problems.Forbidden => (ExitCode.Refused, "ask an admin for a token with a greater role"),
        Problems.PolicyDenied => (
            ExitCode.Refused, "the policy is set on that host itself: host_agent.policy in its drover.yaml"),
        Problems.AppUnknown => (ExitCode.NotFound, "`drover ps` lists the apps and their containers"),
        Problems.NotFound => (ExitCode.NotFound, null),
        Problems.AppAmbiguous => (ExitCode.Ambiguous, Candidates("choose one with --container", problem)),
        Problems.HostAmbiguous => (ExitCode.Ambiguous, Candidates("choose one with --host", problem)),
        Problems.InvalidRequest or Problems.TooLarge => (ExitCode.Usage, null),
        Problems.HostUnavailable => (ExitCode.NotReachable, "`drover hosts` shows what state each host is in"),
        Problems.StorageUnavailable => (
            ExitCode.Failed, "free space in the server's data directory; nothing was changed, so order again then"),
        Problems.TooManyRequests => (ExitCode.Refused, "wait a minute and try again"),
        Problems.Conflict => (ExitCode.Failed, null),
        _ => (problem.Status >= HttpStatusCode.InternalServerError ? ExitCode.Failed : ExitCode.Usage, null),
    };

    /// <summary>What is wrong, for a person who knows which token they gave.</summary>
    public static string Sentence(ServerProblemException problem, EnvironmentVariables environment)
    {
        if (problem.Name != Problems.Unauthorized)
        {
            return InOurWords(problem.Message);
        }

        if (environment[EnvironmentVariables.Server] is not { } server)
        {
            return LoginStore.InForce(environment) is { } login
                ? $"cannot sign in at \"{login.Server}\": the token of `drover login` is wrong, expired or revoked"
                : problem.Message;
        }

        var token = environment[EnvironmentVariables.TokenFile] is { } file
            ? $"the token in \"{file}\""
            : $"the token in {EnvironmentVariables.Token}";
        return $"cannot sign in at \"{server}\": {token} is wrong, expired or revoked";
    }

    /// <summary>One sentence of the API's stands behind "drover:" as all others do; several stay as they are.</summary>
    private static string InOurWords(string detail) =>
        !detail.Contains(". ", StringComparison.Ordinal)
            && detail is [var first, var second, ..] && char.IsLower(second)
            ? char.ToLowerInvariant(first) + detail[1..].TrimEnd('.')
            : detail;

    private static string? Candidates(string lead, ServerProblemException problem) =>
        problem.Problem.Candidates is { Count: > 0 } candidates ? $"{lead}: {string.Join(", ", candidates)}" : null;
}
