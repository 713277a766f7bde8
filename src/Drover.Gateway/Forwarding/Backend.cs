using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Drover.Gateway.Forwarding;

/// <summary>
/// Where the requests of an agent go, with the connections to it. One for each address: after a wake the agent has
/// another one, and no connection of before is used again. Owns the sockets. Disposed, it takes no new connection and
/// lets requests under way end.
/// </summary>
internal sealed class Backend : IDisposable
{
    // A peer that is gone without a word is known after 15 s and three times 5 s of silence. And an idle connection
    // must not look dead to what stands between: a Swarm VIP forgets one after 900 s.
    private const int KeepAliveSeconds = 15;
    private const int KeepAliveEvery = 5;
    private const int KeepAliveTries = 3;
    private static readonly TimeSpan KeepUnused = TimeSpan.FromMinutes(1);

    private readonly string _schemeAndHost;

    /// <param name="origin">Scheme, host and port.</param>
    /// <param name="connectTimeout">How long a connection may take; zero is no limit.</param>
    public Backend(Uri origin, TimeSpan connectTimeout)
    {
        Origin = origin;
        _schemeAndHost = $"{origin.Scheme}://{origin.IdnHost}";
        if (origin.HostNameType is UriHostNameType.IPv6)
        {
            _schemeAndHost = $"{origin.Scheme}://[{origin.IdnHost}]";
        }

        Prefix = PrefixOf(origin.Port);
        Invoker = new HttpMessageInvoker(Handler(connectTimeout), disposeHandler: true);
    }

    /// <summary>Scheme, host and port.</summary>
    public Uri Origin { get; }

    /// <summary>The same as text, with no slash at its end.</summary>
    public string Prefix { get; }

    /// <summary>What sends.</summary>
    public HttpMessageInvoker Invoker { get; }

    /// <summary><see cref="Prefix"/> with another port of the same host.</summary>
    public string PrefixOf(int port) => string.Create(CultureInfo.InvariantCulture, $"{_schemeAndHost}:{port}");

    /// <inheritdoc/>
    public void Dispose() => Invoker.Dispose();

    private static SocketsHttpHandler Handler(TimeSpan connectTimeout) => new()
    {
        // What is sent is what came: nothing followed, unpacked, remembered or added on the way.
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        UseProxy = false,
        ActivityHeadersPropagator = null,

        // Octets of header values pass as they are: Latin-1 gives every one of them a letter of its own.
        RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
        ResponseHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
        ConnectTimeout = connectTimeout == TimeSpan.Zero ? Timeout.InfiniteTimeSpan : connectTimeout,
        EnableMultipleHttp2Connections = true,
        PooledConnectionIdleTimeout = KeepUnused,
        ConnectCallback = static (context, cancellationToken) =>
            ConnectAsync(context.DnsEndPoint, cancellationToken),
        MaxResponseHeadersLength = 64,
        ResponseDrainTimeout = TimeSpan.FromSeconds(2),
    };

    private static async ValueTask<Stream> ConnectAsync(DnsEndPoint address, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, KeepAliveEvery);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, KeepAliveTries);
            await socket.ConnectAsync(address, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
