using System.Globalization;
using Drover.Server.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Drover.Server.Features.Limits;

/// <summary>
/// Refuses a request whose target or headers are larger than any of ours, in a sentence. The listener's own limits
/// (<see cref="KestrelLimits"/>) lie well above these: what goes beyond those gets its bare 414 or 431 and no sentence.
/// </summary>
internal sealed class HeaderLimits(RequestDelegate next)
{
    /// <summary>Longest request target, in bytes.</summary>
    public const int LongestTarget = 4 * 1024;

    /// <summary>Most header lines.</summary>
    public const int MostHeaders = 64;

    /// <summary>Most bytes of all header lines.</summary>
    public const int MostHeaderBytes = 16 * 1024;

    // Colon, space and the end of the line.
    private const int LineOverhead = 4;

    public Task InvokeAsync(HttpContext context) =>
        Judge(context) is { } problem ? problem.ExecuteAsync(context) : next(context);

    private static Problem? Judge(HttpContext context)
    {
        if (context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Length > LongestTarget)
        {
            return Problem.TargetTooLong(LongestTarget);
        }

        var (lines, bytes) = (0, 0);
        foreach (var (name, values) in context.Request.Headers)
        {
            foreach (var value in values)
            {
                lines++;
                bytes += name.Length + (value?.Length ?? 0) + LineOverhead;
            }
        }

        return lines > MostHeaders || bytes > MostHeaderBytes
            ? Problem.HeadersTooLarge(string.Create(
                CultureInfo.InvariantCulture,
                $"A request has at most {MostHeaders} header lines of {MostHeaderBytes} bytes in all."))
            : null;
    }
}
