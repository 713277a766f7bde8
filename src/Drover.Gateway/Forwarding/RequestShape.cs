using Drover.Gateway.Activity;
using Drover.Gateway.Answers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Drover.Gateway.Forwarding;

/// <summary>
/// What kind of request came, and whether it may go on at all. The server below has refused what is no HTTP; here is
/// refused what two readers could read in two ways (RFC 9112, sections 6.1 and 11.2), and what speaks to the gateway.
/// </summary>
internal static class RequestShape
{
    private const string WebSocket = "websocket";
    private const string Grpc = "application/grpc";
    private const string Chunked = "chunked";

    // Where a request has both a length and a coding, the server takes the coding and moves the length here.
    private const string MovedLength = "X-Content-Length";

    /// <summary>What the request is.</summary>
    public static WorkKind KindOf(HttpContext context) =>
        IsWebSocket(context) ? WorkKind.WebSocket
        : IsGrpc(context.Request) ? WorkKind.Grpc
        : WorkKind.Http;

    /// <summary>Why it does not go on; null when it does.</summary>
    public static GatewayProblem? Objection(HttpContext context)
    {
        var request = context.Request;
        var connect = context.Features.Get<IHttpExtendedConnectFeature>();
        if (connect is { IsExtendedConnect: true })
        {
            return WebSocket.Equals(connect.Protocol, StringComparison.OrdinalIgnoreCase)
                ? null
                : GatewayProblem.NotSupported("Of the protocols of an extended CONNECT it takes websocket.");
        }

        if (HttpMethods.IsConnect(request.Method) || HttpMethods.IsTrace(request.Method))
        {
            return GatewayProblem.MethodNotForwarded(request.Method);
        }

        return request.Headers.TransferEncoding is { Count: > 0 } coding ? CodingObjection(request, coding) : null;
    }

    private static GatewayProblem? CodingObjection(HttpRequest request, StringValues coding)
    {
        if (request.Headers.ContainsKey(MovedLength) || request.ContentLength is not null)
        {
            return GatewayProblem.Ambiguous("It has both Content-Length and Transfer-Encoding.");
        }

        if (!HttpProtocol.IsHttp11(request.Protocol))
        {
            return GatewayProblem.Ambiguous($"{request.Protocol} has no Transfer-Encoding.");
        }

        return coding.Count == 1 && Chunked.Equals(coding[0], StringComparison.OrdinalIgnoreCase)
            ? null
            : GatewayProblem.NotSupported("Of the transfer codings it takes chunked, and alone.");
    }

    private static bool IsWebSocket(HttpContext context) =>
        context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true }
        || (context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true }
            && HopByHop.HasUpgrade(context.Request.Headers.Connection)
            && WebSocket.Equals(context.Request.Headers.Upgrade, StringComparison.OrdinalIgnoreCase));

    private static bool IsGrpc(HttpRequest request) =>
        request.ContentType is { } type
        && type.StartsWith(Grpc, StringComparison.OrdinalIgnoreCase)
        && (type.Length == Grpc.Length || type[Grpc.Length] is '+' or ';');
}
