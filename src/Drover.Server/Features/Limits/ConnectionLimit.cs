using System.Net;
using Drover.Runtime.Limits;
using Drover.Server.Features.Status;
using Microsoft.AspNetCore.Connections;

namespace Drover.Server.Features.Limits;

/// <summary>
/// Bounds open connections, in all and of one address. Counted here and not by the listener's own limit, which would
/// count the unix socket too: a flood from the network must not shut the machine's owner out. Thread-safe.
/// </summary>
internal sealed class ConnectionLimit(ServerOptions options, ServerMetrics metrics)
{
    private readonly int _most = options.Limits.Connections;
    private readonly OpenRequests _byNetwork = new(options.Limits.ConnectionsPerAddress);
    private int _open;

    /// <summary>Stands before everything else on the listener, TLS too.</summary>
    public ConnectionDelegate Before(ConnectionDelegate next) => connection => ServeAsync(connection, next);

    private async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var network = ClientNetwork.Of((connection.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None);
        if (Interlocked.Increment(ref _open) > _most)
        {
            Interlocked.Decrement(ref _open);
            Refuse(connection, "connections");
            return;
        }

        if (!_byNetwork.TryOpen(network))
        {
            Interlocked.Decrement(ref _open);
            Refuse(connection, "connections_per_address");
            return;
        }

        metrics.ConnectionOpened();
        try
        {
            await next(connection);
        }
        finally
        {
            metrics.ConnectionClosed();
            _byNetwork.Close(network);
            Interlocked.Decrement(ref _open);
        }
    }

    private void Refuse(ConnectionContext connection, string limit)
    {
        metrics.Limited(limit);
        connection.Abort(new ConnectionAbortedException("Too many connections are open."));
    }
}
