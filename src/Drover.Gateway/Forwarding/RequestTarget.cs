using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Drover.Gateway.Forwarding;

/// <summary>
/// Path and query as the client wrote them. The server's own path is decoded and made plain, and what is put together
/// of it again is not always what was asked: <c>%2e</c>, <c>//</c>, <c>..</c> and a stray <c>%</c> are the agent's to
/// read.
/// </summary>
internal static class RequestTarget
{
    private static readonly UriCreationOptions AsItIs = new() { DangerousDisablePathAndQueryCanonicalization = true };

    /// <summary>The whole address to ask, below a prefix without a slash at its end.</summary>
    public static Uri Of(HttpContext context, string prefix)
    {
        var raw = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        return new Uri(prefix + PathAndQuery(raw), AsItIs);
    }

    /// <summary>Out of the origin form (a path) or the absolute form (an address), RFC 9112, section 3.2.</summary>
    internal static string PathAndQuery(string raw)
    {
        if (raw.StartsWith('/'))
        {
            return raw;
        }

        var authority = raw.IndexOf("://", StringComparison.Ordinal);
        if (authority < 0)
        {
            return "/";
        }

        var end = raw.AsSpan(authority + 3).IndexOfAny('/', '?');
        return end < 0 ? "/"
            : raw[authority + 3 + end] == '?' ? $"/{raw[(authority + 3 + end)..]}"
            : raw[(authority + 3 + end)..];
    }
}
