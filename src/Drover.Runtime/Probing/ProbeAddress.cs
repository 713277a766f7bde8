using System.Globalization;
using System.Net;

namespace Drover.Runtime.Probing;

/// <summary>
/// A host and a port to connect to. A bare port is on <c>127.0.0.1</c>; <c>localhost</c> means both loopback addresses,
/// because what listens there listens on either.
/// </summary>
/// <param name="Host">Address without brackets, or name.</param>
/// <param name="Port">From 1 to 65535.</param>
public sealed record ProbeAddress(string Host, int Port)
{
    /// <summary>Where a bare port is.</summary>
    public const string DefaultHost = "127.0.0.1";

    /// <summary>As it stands in a URL: <c>[::1]:80</c>.</summary>
    public string Authority => string.Create(
        CultureInfo.InvariantCulture,
        $"{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}");

    /// <summary>Reads <c>7234</c>, <c>localhost:7234</c>, <c>10.0.0.2:7234</c> or <c>[::1]:7234</c>.</summary>
    /// <returns>Null when <paramref name="address"/> is set, else why the text is none.</returns>
    public static string? TryParse(string text, out ProbeAddress address)
    {
        ArgumentNullException.ThrowIfNull(text);
        address = new ProbeAddress(DefaultHost, 1);
        var colon = text.LastIndexOf(':');
        var host = colon < 0 ? DefaultHost : Unbracketed(text[..colon]);
        if (host is null
            || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            || port is < 1 or > ushort.MaxValue)
        {
            return $"\"{text}\" is not an address and port; write 7234, localhost:7234 or [::1]:7234";
        }

        address = new ProbeAddress(host, port);
        return null;
    }

    /// <inheritdoc/>
    public override string ToString() => Authority;

    private static string? Unbracketed(string host)
    {
        var bracketed = host.Length > 2 && host[0] == '[' && host[^1] == ']';
        var bare = bracketed ? host[1..^1] : host;
        return Uri.CheckHostName(bare) switch
        {
            UriHostNameType.IPv6 => bracketed && IPAddress.TryParse(bare, out _) ? bare : null,
            UriHostNameType.IPv4 or UriHostNameType.Dns when !bracketed => bare,
            _ => null,
        };
    }
}
