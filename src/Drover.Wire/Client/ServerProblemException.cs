using System.Net;
using Drover.Wire.People;

namespace Drover.Wire.Client;

/// <summary>
/// The server answered with a problem: it understood and refuses. Its detail is a sentence for people.
/// </summary>
public sealed class ServerProblemException : Exception
{
    /// <summary>From the problem's body.</summary>
    public ServerProblemException(HttpStatusCode status, ProblemDto problem)
        : base(Sentence(status, problem))
    {
        ArgumentNullException.ThrowIfNull(problem);
        Status = status;
        Problem = problem;
    }

    /// <summary>The HTTP status.</summary>
    public HttpStatusCode Status { get; }

    /// <summary>What the server said.</summary>
    public ProblemDto Problem { get; }

    /// <summary>
    /// The name behind <see cref="Problems.Prefix"/>, one of <see cref="Problems"/>; empty for a foreign answer.
    /// </summary>
    public string Name => Problem.Type is { } type && type.StartsWith(Problems.Prefix, StringComparison.Ordinal)
        ? type[Problems.Prefix.Length..]
        : "";

    private static string Sentence(HttpStatusCode status, ProblemDto problem) =>
        problem.Detail ?? problem.Title ?? $"the server answered with status {(int)status}";
}
