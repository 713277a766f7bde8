using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Drover.Gateway.ColdStart;

/// <summary>
/// An answer on its way to a client of which a copy is made, if a cache that many share may have it (RFC 9111, section
/// 3) and may give it out when the one who made it cannot be asked.
/// </summary>
internal sealed class AnswerInKeeping : IDisposable
{
    private const int MostBytes = 64 * 1024;

    private static readonly FrozenSet<int> Statuses = new[]
    {
        StatusCodes.Status200OK, StatusCodes.Status204NoContent, StatusCodes.Status301MovedPermanently,
        StatusCodes.Status308PermanentRedirect, StatusCodes.Status404NotFound, StatusCodes.Status410Gone,
    }.ToFrozenSet();

    // What forbids it altogether, and what forbids to give it out once it may be stale.
    private static readonly string[] Forbidden =
        ["no-store", "private", "no-cache", "must-revalidate", "proxy-revalidate", "s-maxage"];

    private static readonly FrozenSet<string> OfOnePassage =
        new[] { "Date", "Age", "Content-Length", "Transfer-Encoding", "Connection", "Trailer" }
            .ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private readonly HttpContext _context;
    private readonly CopiedStream _copy;

    private AnswerInKeeping(HttpContext context)
    {
        _context = context;
        _copy = new CopiedStream(context.Response.Body, MostBytes);
        context.Response.Body = _copy;
    }

    /// <summary>Under what it is kept.</summary>
    public string Key { get; private init; } = "";

    /// <summary>Begins to copy the answer to a request; null when no answer to it can be kept.</summary>
    public static AnswerInKeeping? Of(HttpContext context)
    {
        var request = context.Request;
        return HttpMethods.IsGet(request.Method)
            && !request.QueryString.HasValue
            && request.Headers.Authorization.Count == 0
            && request.Headers.Range.Count == 0
                ? new AnswerInKeeping(context) { Key = KeptAnswers.KeyOf(request) }
                : null;
    }

    /// <summary>The answer that has passed; null when it cannot be kept.</summary>
    public KeptAnswer? Take(long at)
    {
        var response = _context.Response;
        if (!Statuses.Contains(response.StatusCode)
            || _copy.Written is not { } body
            || response.Headers.SetCookie.Count > 0
            || response.Headers.CacheControl.Any(IsForbidding)
            || VariesOf(response.Headers.Vary) is not { } varies
            || (response.ContentLength is { } length && length != body.Length))
        {
            return null;
        }

        return new KeptAnswer(
            response.StatusCode,
            [.. response.Headers.Where(header => !OfOnePassage.Contains(header.Key))],
            body,
            varies,
            at);
    }

    /// <inheritdoc/>
    public void Dispose() => _context.Response.Body = _copy.Inner;

    private static bool IsForbidding(string? line) =>
        line is not null && Forbidden.Any(word => line.Contains(word, StringComparison.OrdinalIgnoreCase));

    /// <summary>Null when nothing says what it depends on.</summary>
    private List<KeyValuePair<string, StringValues>>? VariesOf(StringValues vary)
    {
        var names = vary.SelectMany(line => (line ?? "").Split(
            ',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).ToList();
        return names.Contains("*")
            ? null
            : names.ConvertAll(name => KeyValuePair.Create(name, _context.Request.Headers[name]));
    }
}
