using Microsoft.AspNetCore.Connections;

namespace Drover.Gateway.Admin;

/// <summary>How many connections one listener serves at once; what comes beyond is closed.</summary>
internal sealed class ConnectionRoom(int most)
{
    private int _open;

    /// <summary>Serves a connection if there is room.</summary>
    public ConnectionDelegate ServeAsync(ConnectionDelegate next) => async connection =>
    {
        try
        {
            if (Interlocked.Increment(ref _open) > most)
            {
                connection.Abort(new ConnectionAbortedException("Too many connections are open."));
                return;
            }

            await next(connection);
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    };
}
