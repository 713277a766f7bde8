using System.Collections.Concurrent;

namespace Drover.Gateway.Activity;

/// <summary>The WebSockets that are open to an agent, so that none is ever cut without a close frame.</summary>
internal sealed class OpenSockets
{
    private readonly ConcurrentDictionary<WatchedSocket, bool> _open = new();

    public int Count => _open.Count;

    public void Add(WatchedSocket socket) => _open[socket] = true;

    public void Remove(WatchedSocket socket) => _open.TryRemove(socket, out _);

    /// <summary>Tells every client that its connection ends; they answer in their own time.</summary>
    public Task CloseAllAsync(int code, string reason, CancellationToken cancellationToken) =>
        Task.WhenAll(_open.Keys.Select(socket => CloseAsync(socket, code, reason, cancellationToken)));

    private static async Task CloseAsync(
        WatchedSocket socket, int code, string reason, CancellationToken cancellationToken)
    {
        try
        {
            await socket.CloseAsync(code, reason, cancellationToken);
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or ObjectDisposedException
            or InvalidOperationException)
        {
            // It ended by itself meanwhile, or its client takes nothing any more.
        }
    }
}
