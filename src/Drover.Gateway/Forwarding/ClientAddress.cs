using System.Net;
using System.Net.Http.Headers;
using Drover.Gateway.Documents;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Drover.Gateway.Forwarding;

/// <summary>
/// Tells an agent who asked, by <c>X-Forwarded-*</c> and <c>Forwarded</c> (RFC 7239). What a client says of itself is
/// taken out, unless the user named the peer as a proxy whose word is good; then the gateway adds itself behind it.
/// </summary>
internal sealed class ClientAddress(ForwardedForms forms, IReadOnlyList<IPNetwork> trusted)
{
    private const string Family = "X-Forwarded-";
    private const string For = "X-Forwarded-For";
    private const string Proto = "X-Forwarded-Proto";
    private const string Host = "X-Forwarded-Host";
    private const string RealAddress = "X-Real-IP";
    private const string Standard = "Forwarded";

    /// <summary>True for a header that speaks of the client, which is for <see cref="Write"/> to send.</summary>
    public static bool Is(string name) =>
        name.StartsWith(Family, StringComparison.OrdinalIgnoreCase)
        || name.Equals(Standard, StringComparison.OrdinalIgnoreCase)
        || name.Equals(RealAddress, StringComparison.OrdinalIgnoreCase);

    /// <summary>Adds what the agent is told.</summary>
    public void Write(HttpRequest request, HttpRequestHeaders headers)
    {
        var peer = Plain(request.HttpContext.Connection.RemoteIpAddress);
        var isTrusted = peer is not null && IsTrusted(peer);
        if (isTrusted)
        {
            Keep(request, headers);
        }

        if (forms.HasFlag(ForwardedForms.XForwarded))
        {
            WriteFamily(request, headers, peer, isTrusted);
        }

        if (forms.HasFlag(ForwardedForms.Standard))
        {
            var before = isTrusted ? Joined(request.Headers[Standard]) : null;
            var own = $"for={Node(peer)};host={Quoted(HostOf(request))};proto={request.Scheme}";
            headers.TryAddWithoutValidation(Standard, before is null ? own : $"{before}, {own}");
        }
    }

    private static void WriteFamily(HttpRequest request, HttpRequestHeaders headers, IPAddress? peer, bool isTrusted)
    {
        var before = isTrusted ? Joined(request.Headers[For]) : null;
        var own = peer?.ToString() ?? "unknown";
        headers.TryAddWithoutValidation(For, before is null ? own : $"{before}, {own}");

        // The proxy nearest to the client knows best what the client spoke and asked for.
        headers.TryAddWithoutValidation(Proto, (isTrusted ? Joined(request.Headers[Proto]) : null) ?? request.Scheme);
        headers.TryAddWithoutValidation(Host, (isTrusted ? Joined(request.Headers[Host]) : null) ?? HostOf(request));
    }

    /// <summary>What else a trusted proxy says: the port, a prefix. And what is not written here at all.</summary>
    private void Keep(HttpRequest request, HttpRequestHeaders headers)
    {
        foreach (var (name, values) in request.Headers)
        {
            if (Is(name) && !IsWritten(name))
            {
                headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
            }
        }
    }

    private bool IsWritten(string name) => name.Equals(Standard, StringComparison.OrdinalIgnoreCase)
        ? forms.HasFlag(ForwardedForms.Standard)
        : forms.HasFlag(ForwardedForms.XForwarded)
            && (name.Equals(For, StringComparison.OrdinalIgnoreCase)
                || name.Equals(Proto, StringComparison.OrdinalIgnoreCase)
                || name.Equals(Host, StringComparison.OrdinalIgnoreCase));

    private bool IsTrusted(IPAddress peer)
    {
        foreach (var network in trusted)
        {
            if (network.Contains(peer))
            {
                return true;
            }
        }

        return false;
    }

    private static IPAddress? Plain(IPAddress? address) =>
        address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address;

    private static string HostOf(HttpRequest request) => request.Headers.Host.ToString();

    // RFC 7239, section 6: an IPv6 address stands in brackets and, for them, in quotes.
    private static string Node(IPAddress? peer) => peer switch
    {
        null => "unknown",
        { AddressFamily: System.Net.Sockets.AddressFamily.InterNetworkV6 } => $"\"[{peer}]\"",
        _ => peer.ToString(),
    };

    // A port makes the host no token any more; Kestrel lets no quote into it.
    private static string Quoted(string host) =>
        host.AsSpan().ContainsAny(':', '[') || host.Length == 0 ? $"\"{host}\"" : host;

    private static string? Joined(StringValues values) => StringValues.IsNullOrEmpty(values) ? null : values.ToString();
}
