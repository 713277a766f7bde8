using System.Text.Json;
using Drover.Wire;
using Drover.Wire.People;
using Microsoft.AspNetCore.Http;

namespace Drover.Gateway.Answers;

/// <summary>
/// An answer of the gateway's own that says what is wrong, as RFC 9457 has it. Names agents, never their addresses.
/// </summary>
internal sealed partial class GatewayProblem
{
    private const string ContentType = "application/problem+json";

    private readonly ProblemDto _body;

    private GatewayProblem(int status, string name, string title, string detail) =>
        _body = new ProblemDto(Problems.Prefix + name, title, status, Shortened(detail));

    /// <summary>Its status code.</summary>
    public int Status => _body.Status!.Value;

    /// <summary>True: what follows on the connection cannot be trusted, and it ends with this answer.</summary>
    public bool EndsConnection { get; private init; }

    /// <summary>Value of <c>Allow</c>; null: none.</summary>
    public string? Allow { get; private init; }

    /// <summary>Value of <c>WWW-Authenticate</c>; null: none.</summary>
    public string? Challenge { get; private init; }

    /// <summary>Seconds for <c>Retry-After</c>.</summary>
    public int? RetryAfter { get; init; }

    public static GatewayProblem UnknownHost() => new(
        StatusCodes.Status404NotFound,
        GatewayProblems.UnknownHost,
        "Nobody here has that name",
        "No agent of this gateway answers to the hostname that was asked for.");

    public static GatewayProblem Ambiguous(string detail) => new(
        StatusCodes.Status400BadRequest,
        GatewayProblems.AmbiguousRequest,
        "The request can be read in two ways",
        detail)
    {
        EndsConnection = true,
    };

    public static GatewayProblem MethodNotForwarded(string method) => new(
        StatusCodes.Status405MethodNotAllowed,
        GatewayProblems.MethodNotForwarded,
        "That method is not forwarded",
        $"{method} speaks to the gateway itself, which does not do it.")
    {
        EndsConnection = true,
        Allow = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
    };

    public static GatewayProblem StatusIsRead(string method, string allowed) => new(
        StatusCodes.Status405MethodNotAllowed,
        GatewayProblems.MethodNotForwarded,
        "That method is not forwarded",
        $"This path tells the agent's status, which {method} does not ask for.")
    {
        Allow = allowed,
    };

    public static GatewayProblem NotSupported(string detail) => new(
        StatusCodes.Status501NotImplemented, GatewayProblems.NotSupported, "The gateway does not know that", detail)
    {
        EndsConnection = true,
    };

    public static GatewayProblem TooLarge(long limit) => new(
        StatusCodes.Status413PayloadTooLarge,
        GatewayProblems.TooLarge,
        "The body is too large",
        FormattableString.Invariant($"This agent takes at most {limit} bytes."))
    {
        EndsConnection = true,
    };

    public static GatewayProblem TooSlow() => new(
        StatusCodes.Status408RequestTimeout,
        GatewayProblems.TooSlow,
        "The body did not arrive in time",
        "The rest of the request did not come.")
    {
        EndsConnection = true,
    };

    public static GatewayProblem BadBody() => new(
        StatusCodes.Status400BadRequest,
        GatewayProblems.AmbiguousRequest,
        "The body cannot be read",
        "Its length or its chunks are not what they should be.")
    {
        EndsConnection = true,
    };

    public static GatewayProblem Unreachable(string agent, string reason) => new(
        StatusCodes.Status502BadGateway,
        GatewayProblems.AgentUnreachable,
        "The agent cannot be reached",
        $"cannot reach the agent \"{agent}\": {reason}");

    public static GatewayProblem AnswerInvalid(string agent, string reason) => new(
        StatusCodes.Status502BadGateway,
        GatewayProblems.AgentAnswerInvalid,
        "The agent's answer cannot be used",
        $"cannot use the answer of the agent \"{agent}\": {reason}");

    public static GatewayProblem Timeout(string agent, string reason) => new(
        StatusCodes.Status504GatewayTimeout,
        GatewayProblems.AgentTimeout,
        "The agent does not answer",
        $"cannot wait for the agent \"{agent}\" any longer: {reason}");

    public static GatewayProblem Defect() => new(
        StatusCodes.Status500InternalServerError,
        GatewayProblems.Internal,
        "A defect of the gateway",
        "The gateway's log has more.");

    /// <summary>Sends it in the place of whatever was prepared; nothing once an answer has begun.</summary>
    public async Task WriteAsync(HttpContext context)
    {
        var response = context.Response;
        if (response.HasStarted)
        {
            return;
        }

        response.Clear();
        response.StatusCode = Status;
        response.ContentType = ContentType;
        response.Headers.CacheControl = "no-store";
        if (Allow is not null)
        {
            response.Headers.Allow = Allow;
        }

        if (Challenge is not null)
        {
            response.Headers.WWWAuthenticate = Challenge;
        }

        if (RetryAfter is { } seconds)
        {
            response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        if (EndsConnection && !HttpProtocol.IsHttp2(context.Request.Protocol))
        {
            response.Headers.Connection = "close";
        }

        var body = JsonSerializer.SerializeToUtf8Bytes(_body, WireJson.Default.ProblemDto);
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.Body.WriteAsync(body, context.RequestAborted);
        }
    }
}
