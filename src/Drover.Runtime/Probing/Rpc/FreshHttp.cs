#pragma warning disable CA5359 // A probe asks whether there is an answer, not whose it is.
using System.Net.Security;
using System.Net.Sockets;

namespace Drover.Runtime.Probing.Rpc;

/// <summary>
/// HTTP with a connection of its own for each request: a kept one would hide that nobody listens any more, and a
/// supervisor of a hundred components would hold a hundred. Not touched before the first probe that needs HTTP, because
/// loading it costs megabytes.
/// </summary>
internal static class FreshHttp
{
    public const string UserAgent = "drover-probe";

    /// <summary>A client for one request.</summary>
    public static HttpMessageInvoker Client(TimeProvider time) => new(new SocketsHttpHandler
    {
        ActivityHeadersPropagator = null,
        AllowAutoRedirect = false,
        ConnectCallback = async (context, cancellationToken) =>
        {
            var endpoint = context.DnsEndPoint;
            var address = new ProbeAddress(endpoint.Host.Trim('[', ']'), endpoint.Port);
            return new NetworkStream(await ProbeConnection.OpenAsync(address, time, cancellationToken), true);
        },
        // Nothing is kept, so nothing needs to be looked after by a timer.
        PooledConnectionLifetime = TimeSpan.Zero,
        MaxResponseDrainSize = 0,
        MaxResponseHeadersLength = 64,
        UseCookies = false,
        UseProxy = false,
        SslOptions = new SslClientAuthenticationOptions
        {
            // As the kubelet: a server that is probed at its own address shows a certificate for another name.
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
        },
    });

    /// <summary>The first bytes; the rest is left unread, with its connection.</summary>
    public static async Task<byte[]> ReadAtMostAsync(Stream body, int most, CancellationToken cancellationToken)
    {
        using var kept = new MemoryStream();
        var buffer = new byte[Math.Min(most, 16 * 1024)];
        while (kept.Length < most)
        {
            var wanted = (int)Math.Min(buffer.Length, most - kept.Length);
            var read = await body.ReadAsync(buffer.AsMemory(0, wanted), cancellationToken);
            if (read == 0)
            {
                break;
            }

            kept.Write(buffer, 0, read);
        }

        return kept.ToArray();
    }
}
