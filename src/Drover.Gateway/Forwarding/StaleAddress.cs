using System.Net.Sockets;
using Drover.Gateway.Activity;
using Drover.Gateway.Agents;
using Microsoft.AspNetCore.Http;

namespace Drover.Gateway.Forwarding;

/// <summary>
/// An address that takes no connection may be that of a task which is gone. Whoever owns the agent's life is told, and
/// a request of which the agent has seen nothing waits a moment for what comes of it instead of failing.
/// </summary>
internal static class StaleAddress
{
    // As long as the death of a task may take to be known, and more: a container's end is heard of in milliseconds.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);

    /// <summary>True when no connection came about, so that nothing was sent on it.</summary>
    public static bool IsConnectFailure(Exception? cause) =>
        ForwardingFailure.Find<SocketException>(cause) is { SocketErrorCode: SocketError.ConnectionRefused }
        || ForwardingFailure.Find<HttpRequestException>(cause)?.HttpRequestError
            is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
        || ForwardingFailure.Find<TimeoutException>(cause) is not null;

    /// <summary>
    /// True when it may go to another address. The client below tries a new connection by itself when one that was kept
    /// ends without an answer, so what was refused in the end may have been sent before: only what can be done twice
    /// (RFC 9110, section 9.2.2), or a body of which no octet was taken, goes again.
    /// </summary>
    public static bool MayGoAgain(HttpRequest request, ForwardedRequest forwarded) =>
        forwarded.Body is { } body
            ? !body.HasBegun
            : forwarded.Kind is not WorkKind.Grpc && IsIdempotent(request.Method);

    /// <summary>Waits until the agent is no longer at that address: at another one, or at none.</summary>
    /// <returns>False when nobody moved it within a moment, or nobody could: it is not managed.</returns>
    public static async Task<bool> IsGoneAsync(
        AgentSeat seat, Backend backend, TimeProvider time, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        while (true)
        {
            var next = seat.NextView;
            if (seat.View.Backend != backend)
            {
                return true;
            }

            if (seat.Life is null || either.IsCancellationRequested)
            {
                return false;
            }

            await next.WaitAsync(either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static bool IsIdempotent(string method) =>
        HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method)
        || HttpMethods.IsPut(method) || HttpMethods.IsDelete(method)
        || HttpMethods.IsConnect(method); // an extended CONNECT, which opens a WebSocket as a GET does
}
