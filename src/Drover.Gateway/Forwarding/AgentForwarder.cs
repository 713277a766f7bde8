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

    /// <summary>Forwards; the work is open on the agent until the last byte, or until somebody gives up.</summary>
    /// <param name="context">The request.</param>
    /// <param name="route">What led here.</param>
    /// <param name="backend">Where to.</param>
    /// <param name="kind">What kind of work it is.</param>
    /// <param name="mayGoAgain">True: a request that found nobody may come back unanswered.</param>
    /// <returns>
    /// False when nobody was at that address, the agent saw nothing of the request and is elsewhere by now, or nowhere:
    /// nothing was answered, and its view says where to go.
    /// </returns>
    public async Task<bool> ForwardAsync(
        HttpContext context, Route route, Backend backend, WorkKind kind, bool mayGoAgain)
    {
        var seat = route.Agent;
        var spec = seat.Forwarding;
        if (PrepareBody(context, spec, kind) is { } objection)
        {
            await objection.WriteAsync(context);
            return true;
        }

        // A gRPC call has a deadline of its caller's, and the library copies it whole and knows when it is silent.
        using var deadline = kind is WorkKind.Grpc
            ? new ForwardingDeadline(TimeSpan.Zero, TimeSpan.Zero, _time)
            : new ForwardingDeadline(spec.ResponseTimeout, spec.IdleTimeout, _time);
        var request = new ForwardedRequest(Volatile.Read(ref _client), seat.Activity, deadline, kind);
        if (!seat.Activity.TryBegin(kind))
        {
            await GatewayProblem.NotReady(seat.Name, "it is going to sleep").WriteAsync(context);
            return true;
        }

        var answer = context.Response.Body;
        if (deadline.CountsSilence && kind is WorkKind.Http)
        {
            context.Response.Body = new WatchedAnswer(answer, deadline);
        }

        using var upgrade = kind is WorkKind.WebSocket ? WatchedUpgrade.Of(context, seat, deadline) : null;
        try
        {
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
            seat.Activity.End(request.Kind);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _services.Dispose();

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
