using Drover.Server.Hosting;
using Drover.Wire.People;

namespace Drover.Server.Features.Description;

/// <summary>One answer of each problem, made as the server makes it.</summary>
public static class ProblemExamples
{
    /// <summary>All of them, by the problem's name.</summary>
    public static IReadOnlyList<ProblemDto> All { get; } =
    [
        .. new[]
        {
            Problem.InvalidRequest("cannot read the query: limit \"0\" is not a whole number from 1 to 1000"),
            Problem.Unauthorized(),
            Problem.Forbidden("ci has the role viewer; this needs operator."),
            Problem.PolicyDenied("The policy of host \"alpha\" does not allow restart."),
            Problem.NotFound("There is no host \"alpha\"."),
            Problem.AppUnknown("There is no app \"wbe\"; did you mean \"web\"?", ["web"]),
            Problem.AppAmbiguous("Several containers answer to \"web\".", ["web-1", "web-2"]),
            Problem.HostAmbiguous("\"web\" runs on several hosts; name one.", ["alpha", "beta"]),
            Problem.Conflict("cannot cancel \"cmd_0190\": it is executing; only a queued command can be taken back"),
            Problem.ReSign(DateTimeOffset.UnixEpoch.AddDays(20_000)),
            Problem.TooSlow(),
            Problem.TooLarge(65_536),
            Problem.TooManyRequests(30),
            Problem.Internal("The server's log has more."),
            Problem.HostUnavailable("cannot follow the log of \"web\": host \"alpha\" is offline"),
            Problem.NotReady("The server is stopping."),
            Problem.StorageUnavailable("cannot store: the disk is full"),
        }.Select(problem => problem.Body),
    ];
}
