using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Drover.HostAgent.Transport;

/// <summary>How connections to the server are made: kept alive, HTTP/1.1, no redirects, no cookies, own trust when a
/// pin is given.</summary>
internal static class ServerConnection
{
    private const int MaxAnswerBytes = 4 << 20;

    /// <summary>A client whose every call brings its own deadline.</summary>
    internal static HttpClient Create(Uri server, string? pin)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = !server.IsLoopback,
            ActivityHeadersPropagator = null,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            // Longer than the 30 s between heartbeats, so that an idle fleet does no handshakes.
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(90),
        };
        if (pin is not null)
        {
            handler.SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback =
                    (_, certificate, _, _) => certificate is not null && Matches(certificate, pin),
            };
        }

        return new HttpClient(handler)
        {
            BaseAddress = server,
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = MaxAnswerBytes,
        };
    }

    /// <summary>A pin replaces name and authority: the key itself is what was handed over with the token.</summary>
    private static bool Matches(X509Certificate certificate, string pin)
    {
        using var owned = X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
        var digest = Convert.ToHexStringLower(SHA256.HashData(owned.PublicKey.ExportSubjectPublicKeyInfo()));
        return string.Equals(digest, pin, StringComparison.OrdinalIgnoreCase);
    }
}
