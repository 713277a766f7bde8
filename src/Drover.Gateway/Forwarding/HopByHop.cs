using System.Collections.Frozen;
using System.Net.Http.Headers;
using Microsoft.Extensions.Primitives;

namespace Drover.Gateway.Forwarding;

/// <summary>
/// Headers that are between two neighbours and end here: those RFC 9110, section 7.6.1, names, and those that a
/// message's own <c>Connection</c> names as a comma-separated list of tokens in any case.
/// </summary>
internal static class HopByHop
{
    private const string Upgrade = "upgrade";

    private static readonly FrozenSet<string> Names = new[]
    {
        "Connection", "Proxy-Connection", "Keep-Alive", "TE", "Transfer-Encoding", "Upgrade", "HTTP2-Settings",
        "Proxy-Authorization", "Proxy-Authenticate", "Proxy-Authentication-Info", "Alt-Svc",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    // Whom a message is for, what is in it and where it ends are not for the client to take out.
    private static readonly FrozenSet<string> NeverNamed =
        new[] { "Host", "Content-Length", "Content-Type", "Content-Encoding", "Trailer" }
            .ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>True for a header that is always between neighbours.</summary>
    public static bool Is(string name) => Names.Contains(name);

    /// <summary>True when the list has the token, whatever stands beside it.</summary>
    public static bool HasUpgrade(StringValues connection)
    {
        foreach (var line in connection)
        {
            foreach (var range in line.AsSpan().Split(','))
            {
                if (line.AsSpan(range).Trim(" \t").Equals(Upgrade, StringComparison.OrdinalIgnoreCase))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>What a request's <c>Connection</c> names; null for the usual ones, which name nothing else.</summary>
    public static HashSet<string>? NamedBy(StringValues connection)
    {
        HashSet<string>? named = null;
        foreach (var line in connection)
        {
            named = Named(line, named);
        }

        return named;
    }

    /// <summary>The same of an answer's.</summary>
    public static HashSet<string>? NamedBy(HttpHeadersNonValidated headers)
    {
        HashSet<string>? named = null;
        if (headers.TryGetValues("Connection", out var lines))
        {
            foreach (var line in lines)
            {
                named = Named(line, named);
            }
        }

        return named;
    }

    private static HashSet<string>? Named(string? line, HashSet<string>? named)
    {
        foreach (var range in line.AsSpan().Split(','))
        {
            var token = line.AsSpan(range).Trim(" \t");
            if (token.IsEmpty
                || token.Equals("keep-alive", StringComparison.OrdinalIgnoreCase)
                || token.Equals("close", StringComparison.OrdinalIgnoreCase)
                || token.Equals(Upgrade, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            var name = token.ToString();
            if (!NeverNamed.Contains(name))
            {
                (named ??= new HashSet<string>(StringComparer.OrdinalIgnoreCase)).Add(name);
            }
        }

        return named;
    }
}
