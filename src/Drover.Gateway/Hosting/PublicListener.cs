using System.Net;
using System.Net.Sockets;
using System.Text;
using Drover.Gateway.Documents;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.Gateway.Hosting;

/// <summary>
/// The listeners that clients reach: plain HTTP (HTTP/1.1, and HTTP/2 by prior knowledge) and TLS. Owns their sockets.
/// Bounds what a client can take before any code of ours sees a request.
/// </summary>
internal sealed class PublicListener : IAsyncDisposable
{
    // Off unless said, for the sake of clients of long ago; a line that ends in a bare line feed hides requests.
    private const string RefuseBareLineFeeds = "Microsoft.AspNetCore.Server.Kestrel.DisableHttp1LineFeedTerminators";

    private static readonly TimeSpan CrawlGrace = TimeSpan.FromSeconds(10);

    private readonly WebApplication _application;
    private readonly FrontDoor _door;

    private PublicListener(WebApplication application, FrontDoor door)
    {
        _application = application;
        _door = door;
        Listens =
        [
            .. application.Urls.Where(url => !url.Contains(PriorKnowledgeEndPoint.Name, StringComparison.Ordinal))
        ];
    }

    /// <summary>What it is bound to, as addresses with their schemes.</summary>
    public IReadOnlyList<string> Listens { get; }

    /// <summary>Binds and answers.</summary>
    /// <exception cref="GatewayStartException">An address cannot be bound; the sentence says which and why.</exception>
    public static async Task<PublicListener> StartAsync(
        GatewayDocument document,
        ListenerCertificate? certificate,
        FrontDoor door,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var application = Build(document, certificate, time);
        application.Run(door.HandleAsync);
        try
        {
            await application.StartAsync(cancellationToken);
            return new PublicListener(application, door);
        }
        catch (Exception error) when (error is IOException or SocketException)
        {
            await application.DisposeAsync();
            door.Dispose();
            throw new GatewayStartException(Explain(document, error), error);
        }
    }

    /// <summary>Takes no more connections and requests; what is open may end until the token says enough.</summary>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        _door.End();
        return _application.StopAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync();
        _door.Dispose();
    }

    private static WebApplication Build(GatewayDocument document, ListenerCertificate? certificate, TimeProvider time)
    {
        AppContext.SetSwitch(RefuseBareLineFeeds, true);

        // Empty rather than slim: nothing is read from files, variables or signals that belong to the executable.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        var prior = new PriorKnowledgeTransport();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.AllowSynchronousIO = false;

            // Octets pass as they are (see Backend).
            kestrel.RequestHeaderEncodingSelector = static _ => Encoding.Latin1;
            kestrel.ResponseHeaderEncodingSelector = static _ => Encoding.Latin1;
            Apply(kestrel.Limits, document.Limits);
            kestrel.Listen(IPEndPoint.Parse(document.Listen), listener =>
            {
                listener.Protocols = HttpProtocols.Http1;
                prior.Watch(listener, document.Limits.IdleTimeout, time);
            });
            kestrel.Listen(PriorKnowledgeEndPoint.Instance, listener => listener.Protocols = HttpProtocols.Http2);
            if (document.Tls is { } tls && certificate is not null)
            {
                kestrel.Listen(IPEndPoint.Parse(tls.Listen), listener =>
                {
                    listener.Protocols = HttpProtocols.Http1AndHttp2;
                    certificate.Secure(listener);
                });
            }
        });
        builder.Services.AddSingleton<Microsoft.AspNetCore.Connections.IConnectionListenerFactory>(prior);
        builder.Services.AddSingleton<IHostLifetime, NoSignals>();

        // A line a request or connection is for nobody, and costs more than forwarding does.
        builder.Services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = Timeout.InfiniteTimeSpan);
        return builder.Build();
    }

    private static void Apply(KestrelServerLimits limits, ListenerLimits wanted)
    {
        limits.MaxConcurrentConnections = wanted.Connections;
        limits.MaxRequestLineSize = wanted.TargetBytes;
        limits.MaxRequestHeadersTotalSize = wanted.HeaderBytes;
        limits.MaxRequestHeaderCount = wanted.Headers;
        limits.MaxRequestBodySize = null;
        limits.MaxRequestBufferSize = Math.Max(1 << 20, wanted.HeaderBytes + wanted.TargetBytes);
        limits.RequestHeadersTimeout = wanted.HeaderTimeout;
        limits.KeepAliveTimeout = wanted.IdleTimeout;
        var rate = wanted.SlowestBody == 0 ? null : new MinDataRate(wanted.SlowestBody, CrawlGrace);
        limits.MinRequestBodyDataRate = rate;
        limits.MinResponseDataRate = rate;
        limits.Http2.MaxStreamsPerConnection = wanted.StreamsPerConnection;
        limits.Http2.MaxRequestHeaderFieldSize = wanted.HeaderBytes;
    }

    private static string Explain(GatewayDocument document, Exception error)
    {
        var which = document.Tls is { } tls
            ? $"\"{document.Listen}\" and \"{tls.Listen}\""
            : $"\"{document.Listen}\"";
        return IsTaken(error)
            ? $"cannot listen on {which}: another program has the port; stop it or set gateway.listen to another one"
            : $"cannot listen on {which}: {error.Message}";
    }

    private static bool IsTaken(Exception? error) => error is not null
        && (error is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse }
            || error is Microsoft.AspNetCore.Connections.AddressInUseException
            || IsTaken(error.InnerException));
}
