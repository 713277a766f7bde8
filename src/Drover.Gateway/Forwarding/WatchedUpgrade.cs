using Drover.Gateway.Activity;
using Drover.Gateway.Agents;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Drover.Gateway.Forwarding;

/// <summary>
/// Stands between the server and the forwarder where a request becomes a WebSocket, over either version of HTTP, so
/// that its frames are watched from the first one on.
/// </summary>
internal sealed class WatchedUpgrade : IHttpUpgradeFeature, IHttpExtendedConnectFeature, IDisposable
{
    private readonly HttpContext _context;
    private readonly IHttpUpgradeFeature? _upgrade;
    private readonly IHttpExtendedConnectFeature? _connect;
    private readonly AgentSeat _seat;
    private readonly ForwardingDeadline _deadline;
    private WatchedSocket? _socket;

    private WatchedUpgrade(HttpContext context, AgentSeat seat, ForwardingDeadline deadline)
    {
        _context = context;
        _upgrade = context.Features.Get<IHttpUpgradeFeature>();
        _connect = context.Features.Get<IHttpExtendedConnectFeature>();
        _seat = seat;
        _deadline = deadline;
        if (_upgrade is not null)
        {
            context.Features.Set<IHttpUpgradeFeature>(this);
        }

        if (_connect is not null)
        {
            context.Features.Set<IHttpExtendedConnectFeature>(this);
        }
    }

    public bool IsUpgradableRequest => _upgrade is { IsUpgradableRequest: true };

    public bool IsExtendedConnect => _connect is { IsExtendedConnect: true };

    public string? Protocol => _connect?.Protocol;

    /// <summary>Watches what becomes of a request.</summary>
    public static WatchedUpgrade Of(HttpContext context, AgentSeat seat, ForwardingDeadline deadline) =>
        new(context, seat, deadline);

    public async Task<Stream> UpgradeAsync() => Watch(await _upgrade!.UpgradeAsync());

    public async ValueTask<Stream> AcceptAsync() => Watch(await _connect!.AcceptAsync());

    /// <summary>The WebSocket, if it became one, has ended; if not, the request is as it was.</summary>
    public void Dispose()
    {
        if (_socket is not null)
        {
            _seat.Sockets.Remove(_socket);
            _socket.Dispose();
        }

        _context.Features.Set(_upgrade);
        _context.Features.Set(_connect);
    }

    private WatchedSocket Watch(Stream client)
    {
        _socket = new WatchedSocket(client, _seat.Activity, _deadline.BeginAgain);
        _seat.Sockets.Add(_socket);
        return _socket;
    }
}
