using Drover.Gateway.Activity;
using Drover.Gateway.Agents;
using Drover.Gateway.Answers;
using Drover.Gateway.Routing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Yarp.ReverseProxy.Forwarder;

namespace Drover.Gateway.Forwarding;

/// <summary>
/// Takes a request to an agent and the answer back, without keeping either: uploads, downloads, streams, gRPC and
/// WebSockets pass as they come. What fails before an answer has begun becomes a problem that says why.
/// </summary>
internal sealed partial class AgentForwarder : IDisposable
{
    private readonly ServiceProvider _services;
    private readonly IHttpForwarder _forwarder;
    private readonly TimeProvider _time;
    private readonly ILogger<AgentForwarder> _logger;
    private ClientAddress _client;

    public AgentForwarder(ClientAddress client, TimeProvider time, ILogger<AgentForwarder> logger)
    {
        _client = client;
        _time = time;
        _logger = logger;

        // The library's own lines would name addresses and queries; what is worth a line is said here.
        _services = new ServiceCollection()
            .AddSingleton(typeof(ILogger<>), typeof(NullLogger<>))
            .AddHttpForwarder()
            .BuildServiceProvider();
        _forwarder = _services.GetRequiredService<IHttpForwarder>();
    }

    /// <summary>How agents are told who asked.</summary>
    public ClientAddress Client
    {
        set => Volatile.Write(ref _client, value);
    }

    /// <summary>
    /// Forwards; the work is open on the agent until the last byte, or until somebody gives up. A request that found
    /// nobody at an address goes to another one once, where that is safe.
    /// </summary>
    /// <param name="context">The request.</param>
    /// <param name="route">What led here.</param>
    /// <param name="kind">What kind of work it is.</param>
    /// <param name="isUse">False: it does not keep the agent awake.</param>
    /// <returns>
    /// False when the agent takes no work now: it goes to sleep, or is nowhere. Nothing was read or answered.
    /// </returns>
    public async Task<bool> TryForwardAsync(HttpContext context, Route route, WorkKind kind, bool isUse = true)
    {
        var seat = route.Agent;
        for (var mayGoAgain = true; ; mayGoAgain = false)
        {
            if (seat.View.Backend is null || !seat.Activity.TryBegin(kind, isUse))
            {
                return false;
            }

            // Read once work is open: before it, a sleep and a wake may lie between, and the address be another.
            if (seat.View.Backend is not { } backend)
            {
                seat.Activity.End(kind, isUse);
                return false;
            }

            if (await ForwardAsync(context, route, backend, kind, isUse, mayGoAgain))
            {
                return true;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _services.Dispose();

    /// <summary>Does the work that was begun, and ends it.</summary>
    /// <returns>
    /// False when nobody was at that address, the agent saw nothing of the request and is elsewhere by now, or nowhere:
    /// nothing was answered, and its view says where to go.
    /// </returns>
    private async Task<bool> ForwardAsync(
        HttpContext context, Route route, Backend backend, WorkKind kind, bool isUse, bool mayGoAgain)
    {
        var seat = route.Agent;
        var spec = seat.Forwarding;

        // A gRPC call has a deadline of its caller's, and the library copies it whole and knows when it is silent.
        using var deadline = kind is WorkKind.Grpc
            ? new ForwardingDeadline(TimeSpan.Zero, TimeSpan.Zero, _time)
            : new ForwardingDeadline(spec.ResponseTimeout, spec.IdleTimeout, _time);
        var request = new ForwardedRequest(Volatile.Read(ref _client), seat, deadline, kind);
        var answer = context.Response.Body;
        if (deadline.CountsSilence && kind is WorkKind.Http)
        {
            context.Response.Body = new WatchedAnswer(answer, deadline);
        }

        using var upgrade = kind is WorkKind.WebSocket ? WatchedUpgrade.Of(context, seat, deadline) : null;
        try
        {
            if (PrepareBody(context, spec, kind) is { } objection)
            {
                await objection.WriteAsync(context);
                return true;
            }

            var error = await _forwarder.SendAsync(
                context,
                route.Port is { } port ? backend.PrefixOf(port) : backend.Prefix,
                backend.Invoker,
                spec.ConfigOf(kind),
                request,
                deadline.Token);
            if (error is not ForwarderError.None)
            {
                if (await IsElsewhereAsync(context, seat, backend, request, deadline.IsOver, mayGoAgain))
                {
                    return false;
                }

                await ExplainAsync(context, seat, error, request.Body, deadline.IsOver);
            }

            return true;
        }
        finally
        {
            if (request.Body is { } body)
            {
                // An answer may end before the request does, and what still reads must not outlive it.
                await body.EndAsync();
            }

            context.Response.Body = answer;
            seat.Activity.End(request.Kind, isUse);
        }
    }

    private static GatewayProblem? PrepareBody(HttpContext context, ForwardingSpec spec, WorkKind kind)
    {
        if (spec.MaxBody is { } most)
        {
            if (context.Request.ContentLength > most)
            {
                return GatewayProblem.TooLarge(most);
            }

            if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            {
                size.MaxRequestBodySize = most;
            }
        }

        // A call may be silent for hours and is no slow upload.
        if (kind is WorkKind.Grpc && context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        return null;
    }

    private async Task<bool> IsElsewhereAsync(
        HttpContext context,
        AgentSeat seat,
        Backend backend,
        ForwardedRequest request,
        bool isOverdue,
        bool mayGoAgain)
    {
        var cause = context.Features.Get<IForwarderErrorFeature>()?.Exception;
        if (isOverdue || context.RequestAborted.IsCancellationRequested || !StaleAddress.IsConnectFailure(cause))
        {
            return false;
        }

        seat.Life?.ConnectFailed(backend);
        if (!mayGoAgain
            || !StaleAddress.MayGoAgain(context.Request, request)
            || !await StaleAddress.IsGoneAsync(seat, backend, _time, context.RequestAborted))
        {
            return false;
        }

        // The library has put its own answer there already.
        context.Response.Clear();
        Moved(seat.Name);
        return true;
    }

    private async Task ExplainAsync(
        HttpContext context, AgentSeat seat, ForwarderError error, RequestBody? body, bool isOverdue)
    {
        var cause = context.Features.Get<IForwarderErrorFeature>()?.Exception;
        if (!isOverdue && body?.ClientFailure is { } failure)
        {
            (error, cause) = (ForwarderError.RequestBodyClient, failure);
        }

        if (context.RequestAborted.IsCancellationRequested && !isOverdue)
        {
            ClientLeft(seat.Name, error);
            return;
        }

        Failed(seat.Name, error, cause?.GetBaseException().Message);
        await ForwardingFailure
            .Explain(seat.Name, error, cause, isOverdue, seat.Forwarding.MaxBody)
            .WriteAsync(context);
    }

    [LoggerMessage(5010, LogLevel.Debug, "A client of {Agent} left before the end ({Error})")]
    private partial void ClientLeft(string agent, ForwarderError error);

    [LoggerMessage(5011, LogLevel.Debug, "Forwarding to {Agent} failed ({Error}): {Cause}")]
    private partial void Failed(string agent, ForwarderError error, string? cause);

    [LoggerMessage(5012, LogLevel.Debug, "A request for {Agent} found nobody where the agent was; it goes again")]
    private partial void Moved(string agent);
}
