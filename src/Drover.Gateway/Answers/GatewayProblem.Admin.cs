using System.Globalization;
using Drover.Wire;
using Microsoft.AspNetCore.Http;

namespace Drover.Gateway.Answers;

/// <summary>What the admin listener refuses with, by the names that the server's API has for the same.</summary>
internal sealed partial class GatewayProblem
{
    // What a caller sent may be repeated in it, and callers send what they like.
    private const int LongestDetail = 1_000;

    public static GatewayProblem Unauthorized() => new(
        StatusCodes.Status401Unauthorized,
        Problems.Unauthorized,
        "Not signed in",
        "Send the admin token as \"Authorization: Bearer ...\".")
    {
        Challenge = "Bearer realm=\"drover gateway\"",
    };

    public static GatewayProblem TooManyFailures(int seconds) => new(
        StatusCodes.Status429TooManyRequests,
        Problems.TooManyRequests,
        "Too many requests",
        string.Create(
            CultureInfo.InvariantCulture, $"Too many wrong credentials were sent; try again in {seconds} s."))
    {
        RetryAfter = seconds,
    };

    public static GatewayProblem TooMany(string detail, int seconds) => new(
        StatusCodes.Status429TooManyRequests, Problems.TooManyRequests, "Too many requests", detail)
    {
        RetryAfter = seconds,
    };

    public static GatewayProblem Forbidden(string detail) =>
        new(StatusCodes.Status403Forbidden, Problems.Forbidden, "Not allowed", detail);

    public static GatewayProblem NotFound(string detail) =>
        new(StatusCodes.Status404NotFound, Problems.NotFound, "There is no such thing", detail);

    public static GatewayProblem WrongMethod(string method, string allowed) => new(
        StatusCodes.Status405MethodNotAllowed,
        Problems.InvalidRequest,
        "The request cannot be understood",
        $"{method} is nothing that can be asked here.")
    {
        Allow = allowed,
    };

    public static GatewayProblem InvalidRequest(string detail) => new(
        StatusCodes.Status400BadRequest, Problems.InvalidRequest, "The request cannot be understood", detail);

    public static GatewayProblem BadRequest(int status) => new(
        status, Problems.InvalidRequest, "The request cannot be understood", "Its headers or its body cannot be read.")
    {
        EndsConnection = true,
    };

    public static GatewayProblem Conflict(string detail) =>
        new(StatusCodes.Status409Conflict, Problems.Conflict, "Not possible in this state", detail);

    /// <summary>Nothing can be stored, so nothing is promised.</summary>
    public static GatewayProblem StorageUnavailable(string detail) => new(
        StatusCodes.Status503ServiceUnavailable,
        Problems.StorageUnavailable,
        "Nothing can be stored now",
        $"The gateway cannot store it: {detail}")
    {
        RetryAfter = 5,
    };

    private static string Shortened(string detail) =>
        detail.Length <= LongestDetail ? detail : string.Concat(detail.AsSpan(0, LongestDetail - 3), "...");
}
