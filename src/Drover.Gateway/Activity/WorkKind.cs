namespace Drover.Gateway.Activity;

/// <summary>What a piece of open work is; the label <c>kind</c> of its metrics.</summary>
internal enum WorkKind
{
    /// <summary>A request with its answer, uploads and downloads among them.</summary>
    Http,

    /// <summary>An answer that goes on as server-sent events.</summary>
    Events,

    /// <summary>A gRPC call, streams among them.</summary>
    Grpc,

    /// <summary>A WebSocket, from its handshake on.</summary>
    WebSocket,
}
