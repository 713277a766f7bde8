namespace Drover.Gateway.Routing;

/// <summary>The name that a request asks for, out of its <c>Host</c> header or <c>:authority</c>.</summary>
internal static class RequestHost
{
    /// <summary>Without port and without the dot of a complete name; in the case it came in.</summary>
    public static ReadOnlySpan<char> NameOf(string? header)
    {
        var host = header.AsSpan();
        if (host.IsEmpty)
        {
            return host;
        }

        if (host[0] == '[')
        {
            // An IPv6 address: its colons are no ports.
            var end = host.IndexOf(']');
            return end < 0 ? [] : host[..(end + 1)];
        }

        var colon = host.LastIndexOf(':');
        if (colon >= 0)
        {
            host = host[..colon];
        }

        return host is [.., '.'] ? host[..^1] : host;
    }
}
