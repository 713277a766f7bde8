using Drover.Runtime.Tls;

namespace Drover.Runtime.Uplink.Transport;

/// <summary>How connections to the server are made: kept alive, HTTP/1.1, no redirects, no cookies, TLS judged by
/// <see cref="ServerTrust"/>.</summary>
public static class ServerConnection
{
    private const int MaxAnswerBytes = 4 << 20;

    /// <summary>A client whose every call brings its own deadline.</summary>
    public static HttpClient Create(Uri server, ServerTrust trust, TimeProvider time)
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
            SslOptions = trust.OptionsFor(server, time),
        };
        return new HttpClient(handler)
        {
            BaseAddress = server,
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = MaxAnswerBytes,
        };
    }

    /// <summary>Why a call did not reach the server: a certificate speaks for itself.</summary>
    public static ServerCallException Failed(string what, Uri server, Exception error)
    {
        var distrust = ServerCertificateException.Behind(error);
        var why = distrust is null
            ? error.Message
            : $"the server at {server.GetLeftPart(UriPartial.Authority)} is not trusted: {distrust.Message}";
        return new ServerCallException(ServerFailure.Unreachable, $"cannot {what}: {why}", innerException: error)
        {
            IsDistrust = distrust is not null,
        };
    }
}
