using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Http;

namespace Drover.Gateway.ColdStart;

/// <summary>
/// The page that a browser gets in the place of an agent that does not serve yet. It becomes the agent by itself: told
/// by events of the status path, or without scripts by looking again. It loads nothing, from here or elsewhere.
/// </summary>
internal static partial class WaitingPage
{
    /// <summary>Whoever only looks again after a failure is shown it for so long, and makes no new try.</summary>
    public static readonly TimeSpan FailureIsShown = TimeSpan.FromSeconds(8);

    private const string ContentType = "text/html; charset=utf-8";

    // Shorter than a failure is shown, so that whoever looks again without scripts sees it.
    private const int LongestRefresh = 5;

    // Style and script are the same in each page, and nothing else may run (CSP Level 3, section 2.3.1).
    private static readonly string Policy =
        $"default-src 'none'; style-src {HashOf(Style)}; script-src {HashOf(Script)}; connect-src 'self'; "
        + "img-src data:; base-uri 'none'; form-action 'none'";

    /// <summary>Sends the page, with 503.</summary>
    /// <param name="context">The request.</param>
    /// <param name="status">What the agent is doing.</param>
    /// <param name="statusPath">Where the page listens.</param>
    /// <param name="pause">How long from now on a failure is shown at least.</param>
    public static async Task WriteAsync(HttpContext context, AgentStatus status, string statusPath, TimeSpan pause)
    {
        status.Describe(context.Response);
        var response = context.Response;
        response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        response.ContentType = ContentType;
        response.Headers.ContentSecurityPolicy = Policy;
        response.Headers["Referrer-Policy"] = "same-origin";
        var body = Encoding.UTF8.GetBytes(PageOf(status, statusPath, pause));
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.Body.WriteAsync(body, context.RequestAborted);
        }
    }

    private static string PageOf(AgentStatus status, string statusPath, TimeSpan pause)
    {
        pause = pause > status.Rest ? pause : status.Rest;
        var agent = HtmlEncoder.Default.Encode(status.Body.Agent);
        var heading = status.HasFailed ? $"{agent} does not serve now" : $"{agent} is starting";
        var seconds = Math.Min(status.RetryAfter, LongestRefresh);
        var refresh = status.HasFailed
            ? ""
            : $"""<noscript><meta http-equiv="refresh" content="{seconds}"></noscript>""";
        return $"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta name="robots" content="noindex">
            {refresh}
            <title>{heading}</title>
            <link rel="icon" href="data:,">
            <style>{Style}</style>
            </head>
            <body data-agent="{agent}" data-state="{status.Body.Status}" data-path="{HtmlEncoder.Default.Encode(statusPath)}"
              data-pause="{MillisecondsOf(pause)}" data-shown="{MillisecondsOf(FailureIsShown)}">
            <main>
            <h1 id="heading">{heading}</h1>
            <p id="text" role="status" aria-live="polite">{HtmlEncoder.Default.Encode(SentenceOf(status))}</p>
            <div id="bar" class="bar" aria-hidden="true"{(status.HasFailed ? " hidden" : "")}><div></div></div>
            <p><button id="again" type="button" hidden>Try again</button></p>
            <noscript><p><a href="">{(status.HasFailed ? "Try again" : "Look again now")}</a></p></noscript>
            </main>
            <script>{Script}</script>
            </body>
            </html>

            """;
    }

    private static string SentenceOf(AgentStatus status) =>
        status.Body.Message is { } message ? message
        : status.Body.EstimatedWait is { } wait
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"This usually takes {Math.Ceiling(wait):0} s more. The page goes on by itself.")
        : "The page goes on by itself once it is there.";

    private static string MillisecondsOf(TimeSpan time) =>
        ((long)Math.Max(0, time.TotalMilliseconds)).ToString(CultureInfo.InvariantCulture);

    private static string HashOf(string text) =>
        $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}'";
}
