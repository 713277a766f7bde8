using System.Globalization;
using Drover.Wire;
using Drover.Wire.People;
using Microsoft.AspNetCore.Http;

namespace Drover.Server.Hosting;

/// <summary>
/// An answer that says what is wrong, as RFC 9457 has it; the types are those of <see cref="Problems"/>.
/// </summary>
internal sealed class Problem : IResult
{
    private const int StorageRetrySeconds = 5;
    private const string ContentType = "application/problem+json";

    // What a caller sent may be repeated in it, and callers send what they like.
    private const int LongestDetail = 1_000;

    private readonly ProblemDto _body;

    private Problem(int status, string type, string title, string detail) =>
        _body = new ProblemDto(Problems.Prefix + type, title, status, Shortened(detail));

    private Problem(ProblemDto body) => _body = body;

    /// <summary>Seconds for <c>Retry-After</c>.</summary>
    public int? RetryAfter { get; init; }

    public int Status => _body.Status!.Value;

    /// <summary>What is sent.</summary>
    public ProblemDto Body => _body;

    public static Problem InvalidRequest(string detail) =>
        new(StatusCodes.Status400BadRequest, Problems.InvalidRequest, "The request cannot be understood", detail);

    /// <summary>One answer for every cause, so that it teaches a stranger nothing.</summary>
    public static Problem Unauthorized() => new(
        StatusCodes.Status401Unauthorized,
        Problems.Unauthorized,
        "Not signed in",
        "Send a valid API token as \"Authorization: Bearer ...\", or a valid signature if you are a host agent.");

    public static Problem Forbidden(string detail) =>
        new(StatusCodes.Status403Forbidden, Problems.Forbidden, "Not allowed", detail);

    /// <summary>The host itself does not allow it, whatever the caller's role.</summary>
    public static Problem PolicyDenied(string detail) =>
        new(StatusCodes.Status403Forbidden, Problems.PolicyDenied, "The host does not allow it", detail);

    public static Problem NotFound(string detail) =>
        new(StatusCodes.Status404NotFound, Problems.NotFound, "There is no such thing", detail);

    public static Problem AppUnknown(string detail, IReadOnlyList<string> nearest) => With(
        nearest,
        new(StatusCodes.Status404NotFound, Problems.AppUnknown, "No container answers to that app code", detail));

    public static Problem AppAmbiguous(string detail, IReadOnlyList<string> candidates) => With(
        candidates,
        new(StatusCodes.Status409Conflict, Problems.AppAmbiguous, "Several containers could be meant", detail));

    public static Problem HostAmbiguous(string detail, IReadOnlyList<string> candidates) => With(
        candidates, new(StatusCodes.Status409Conflict, Problems.HostAmbiguous, "Several hosts could be meant", detail));

    public static Problem Conflict(string detail) =>
        new(StatusCodes.Status409Conflict, Problems.Conflict, "Not possible in this state", detail);

    public static Problem TooLarge(long limit) => new(
        StatusCodes.Status413PayloadTooLarge,
        Problems.TooLarge,
        "The body is too large",
        string.Create(CultureInfo.InvariantCulture, $"This route takes at most {limit} bytes."));

    public static Problem TooManyRequests(int retryAfter) => new(
        StatusCodes.Status429TooManyRequests,
        Problems.TooManyRequests,
        "Too many requests",
        string.Create(
            CultureInfo.InvariantCulture,
            $"Too many wrong credentials were sent; try again in {retryAfter} s."))
    {
        RetryAfter = retryAfter,
    };

    /// <param name="what">Who sent what too often, without a full stop.</param>
    /// <param name="wait">When the next one passes.</param>
    public static Problem TooFast(string what, TimeSpan wait)
    {
        var seconds = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds));
        return Busy(string.Create(CultureInfo.InvariantCulture, $"{what}; try again in {seconds} s."), seconds);
    }

    public static Problem TargetTooLong(int limit) => new(
        StatusCodes.Status414UriTooLong,
        Problems.TooLarge,
        "The address is too long",
        string.Create(CultureInfo.InvariantCulture, $"Path and query have at most {limit} bytes."));

    public static Problem HeadersTooLarge(string detail) => new(
        StatusCodes.Status431RequestHeaderFieldsTooLarge, Problems.TooLarge, "The headers are too large", detail);

    public static Problem TooSlow() => new(
        StatusCodes.Status408RequestTimeout,
        Problems.TooSlow,
        "The body came too slowly",
        "The body did not arrive in time; send it again over a better connection, or less at once.");

    public static Problem Busy(string detail, int retryAfter = 5) => new(
        StatusCodes.Status429TooManyRequests, Problems.TooManyRequests, "Too many requests", detail)
    {
        RetryAfter = retryAfter,
    };

    public static Problem HostUnavailable(string detail) => new(
        StatusCodes.Status503ServiceUnavailable, Problems.HostUnavailable, "The host cannot do it now", detail);

    public static Problem NotReady(string detail) => new(
        StatusCodes.Status503ServiceUnavailable, Problems.NotReady, "The server cannot work now", detail);

    /// <summary>Nothing can be stored, so nothing is promised.</summary>
    public static Problem StorageUnavailable(string detail) => new(
        StatusCodes.Status503ServiceUnavailable,
        Problems.StorageUnavailable,
        "The server can store nothing now",
        detail)
    {
        RetryAfter = StorageRetrySeconds,
    };

    public static Problem Internal(string detail) =>
        new(StatusCodes.Status500InternalServerError, Problems.Internal, "The server failed", detail);

    public static Problem ReSign(DateTimeOffset now)
    {
        var problem = new Problem(
            StatusCodes.Status409Conflict,
            Problems.ReSign,
            "Sign again",
            "The signature is right and its time is not; sign again with the time in server_time.");
        return new Problem(problem._body with { ServerTime = now.ToUnixTimeMilliseconds() });
    }

    /// <summary>For an answer that the framework gave without a body.</summary>
    public static Problem Of(int status) => status switch
    {
        StatusCodes.Status404NotFound => NotFound("There is nothing at this path."),
        StatusCodes.Status405MethodNotAllowed => new(
            status, Problems.InvalidRequest, "Method not allowed", "This path does not take this method."),
        StatusCodes.Status408RequestTimeout => TooSlow(),
        StatusCodes.Status413PayloadTooLarge => new(status, Problems.TooLarge, "The body is too large", "Send less."),
        < 500 => new(status, Problems.InvalidRequest, "The request cannot be understood", "See the API's description."),
        _ => Internal("The server's log has more."),
    };

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.StatusCode = Status;
        if (RetryAfter is { } seconds)
        {
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        if (Status == StatusCodes.Status408RequestTimeout)
        {
            // What is left of the body is not waited for.
            response.Headers.Connection = "close";
        }

        if (Status == StatusCodes.Status401Unauthorized)
        {
            response.Headers.WWWAuthenticate = "Bearer";
        }
        else if (OlderErrors.AreWantedBy(httpContext))
        {
            return OlderErrors.WriteAsync(response, _body.Detail);
        }

        return response.WriteAsJsonAsync(_body, WireJson.Default.ProblemDto, ContentType, CancellationToken.None);
    }

    private static string Shortened(string detail) =>
        detail.Length <= LongestDetail ? detail : $"{detail.AsSpan(0, LongestDetail)}...";

    private static Problem With(IReadOnlyList<string> candidates, Problem problem) =>
        new(problem._body with { Candidates = candidates });
}
