using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Drover.Runtime.Docker.Transport;

/// <summary>Owns the pooled connections to one engine, a bounded pool for each <see cref="EngineLane"/>.</summary>
internal sealed class EngineConnections : IDisposable
{
    private const int PingConnections = 2;
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(60);

    private readonly DockerEndpoint _endpoint;
    private readonly HttpMessageInvoker _calls;
    private readonly HttpMessageInvoker _streams;
    private readonly HttpMessageInvoker _pings;

    public EngineConnections(DockerEndpoint endpoint, DockerClientOptions options)
    {
        _endpoint = endpoint;
        _calls = Pool(options, options.MaxCallConnections);
        _streams = Pool(options, options.MaxStreamConnections);
        _pings = Pool(options, PingConnections);
    }

    public Task<HttpResponseMessage> SendAsync(
        EngineLane lane, HttpRequestMessage message, CancellationToken cancellationToken)
    {
        var pool = lane switch
        {
            EngineLane.Call => _calls,
            EngineLane.Stream => _streams,
            EngineLane.Ping => _pings,
        };
        return pool.SendAsync(message, cancellationToken);
    }

    public void Dispose()
    {
        _calls.Dispose();
        _streams.Dispose();
        _pings.Dispose();
    }

    private HttpMessageInvoker Pool(DockerClientOptions options, int connections)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            ConnectTimeout = options.ConnectTimeout,
            MaxConnectionsPerServer = connections,
            // A stream that is left early is closed, not read to its end.
            MaxResponseDrainSize = 0,
            PooledConnectionIdleTimeout = IdleTimeout,
            UseCookies = false,
            UseProxy = false,
            ActivityHeadersPropagator = null,
        };
        if (_endpoint.SocketPath is { } path)
        {
            handler.ConnectCallback = (_, cancellationToken) => ConnectAsync(path, cancellationToken);
        }

        if (_endpoint.Tls is { } tls)
        {
            handler.SslOptions = Ssl(tls);
        }

        return new HttpMessageInvoker(handler);
    }

    private static async ValueTask<Stream> ConnectAsync(string path, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static SslClientAuthenticationOptions Ssl(DockerTls tls)
    {
        var options = new SslClientAuthenticationOptions();
        if (tls.Client is { } certificate)
        {
            options.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true);
        }

        if (tls.Authorities.Count > 0)
        {
            var policy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            policy.CustomTrustStore.AddRange(tls.Authorities);
            options.CertificateChainPolicy = policy;
        }

        return options;
    }
}
