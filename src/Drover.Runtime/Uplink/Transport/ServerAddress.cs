namespace Drover.Runtime.Uplink.Transport;

/// <summary>Which addresses an agent may send its signed requests to.</summary>
public static class ServerAddress
{
    /// <summary>Why this address is refused, or null when it may be used.</summary>
    public static string? Objection(Uri? server)
    {
        if (server is null || !server.IsAbsoluteUri
            || (server.Scheme != Uri.UriSchemeHttp && server.Scheme != Uri.UriSchemeHttps))
        {
            return "it must be an address such as https://drover.example.com:7780";
        }

        if (server.UserInfo.Length > 0 || server.PathAndQuery != "/" || server.Fragment.Length > 0)
        {
            return "it must be scheme, host and port alone";
        }

        // Names are not resolved: "localhost" is loopback by RFC 6761, every other name may point anywhere tomorrow.
        return server.Scheme == Uri.UriSchemeHttp && !server.IsLoopback
            ? "plain http is only allowed to this machine itself; use https"
            : null;
    }
}
