using System.Globalization;
using System.Text.Json;
using Drover.Core.Agents;
using Drover.Gateway.Agents;
using Drover.Wire;
using Drover.Wire.Gateway;
using Microsoft.AspNetCore.Http;

namespace Drover.Gateway.ColdStart;

/// <summary>
/// What clients are told of an agent at one moment, in every answer that the gateway gives in its place. Whoever may
/// ask the gateway may know it, from pages of any origin too.
/// </summary>
internal sealed record AgentStatus
{
    private const string ContentType = "application/json";
    private const string AnyOrigin = "*";
    private const string Readable = "Retry-After, Preference-Applied";

    // Until an agent's own history says better.
    private const int UsualRetry = 3;

    // What failed once fails again, mostly, and each try is a wake.
    private const int RetryAfterFailure = 10;

    private AgentStatus(AgentState state, AgentStatusDto body) => (State, Body) = (state, body);

    /// <summary>What it is doing.</summary>
    public AgentState State { get; }

    /// <summary>The same as it goes out.</summary>
    public AgentStatusDto Body { get; }

    /// <summary>True when a wake did not succeed or may not be, and it is told why.</summary>
    public bool HasFailed =>
        State is AgentState.Degraded || (State is AgentState.Sleeping && Body.Reason is AgentReasons.Capacity);

    /// <summary>How long no request wakes it; zero: any does.</summary>
    public TimeSpan Rest { get; private init; }

    /// <summary>Seconds after which it makes sense to ask again.</summary>
    public int RetryAfter { get; private init; } = UsualRetry;

    /// <summary>What is known of an agent now. A wake that was asked for is under way, shown yet or not.</summary>
    public static AgentStatus Of(AgentSeat seat, DateTimeOffset now)
    {
        var view = seat.View;
        return seat.WaitingRoom.HasAsked(view) ? Starting(seat.Name) : Of(seat.Name, view, now);
    }

    /// <summary>What one view says.</summary>
    public static AgentStatus Of(string agent, AgentView view, DateTimeOffset now)
    {
        // A time that has passed was wrong, and nothing is known any more.
        double? wait = view.State is AgentState.Starting && view.ReadyBy is { } by && by > now
            ? Math.Max(0.1, Math.Round((by - now).TotalSeconds, 1))
            : null;
        var rest = view.RestsUntil is { } until && until > now ? until - now : TimeSpan.Zero;
        var body = new AgentStatusDto(WordOf(view.State), agent, wait);
        return new AgentStatus(
            view.State,
            view.State is AgentState.Ready ? body : body with { Reason = view.ReasonCode, Message = view.Reason })
        {
            Rest = rest,
            RetryAfter = wait is { } seconds ? SecondsOf(seconds)
                : rest > TimeSpan.Zero ? SecondsOf(rest.TotalSeconds)
                : view.State is AgentState.Degraded ? RetryAfterFailure
                : UsualRetry,
        };
    }

    /// <summary>
    /// The same to somebody who does not get the agent: it is not ready to them, whatever it is said to be.
    /// </summary>
    public static AgentStatus NotServing(string agent, AgentView view, DateTimeOffset now) =>
        Of(agent, view.State is AgentState.Ready ? view with { State = AgentState.Degraded } : view, now);

    /// <summary>A wake was asked for, and no more is known.</summary>
    public static AgentStatus Starting(string agent) =>
        new(AgentState.Starting, new AgentStatusDto(WordOf(AgentState.Starting), agent));

    /// <summary>The body alone.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(Body, WireJson.Default.AgentStatusDto);

    /// <summary>Headers that every such answer has, whatever its form.</summary>
    public void Describe(HttpResponse response)
    {
        response.StatusCode = State is AgentState.Ready
            ? StatusCodes.Status200OK
            : StatusCodes.Status503ServiceUnavailable;
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.AccessControlAllowOrigin = AnyOrigin;
        response.Headers.AccessControlExposeHeaders = Readable;
        if (State is not AgentState.Ready)
        {
            response.Headers.RetryAfter = RetryAfter.ToString(CultureInfo.InvariantCulture);
        }
    }

    /// <summary>Sends it: 200 when ready, else 503.</summary>
    public async Task WriteAsync(HttpContext context)
    {
        Describe(context.Response);
        var body = ToJson();
        context.Response.ContentType = ContentType;
        context.Response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
        }
    }

    private static int SecondsOf(double seconds) => Math.Max(1, (int)Math.Ceiling(seconds));

    /// <summary>The word of a state, under every policy.</summary>
    public static string WordOf(AgentState state) => state switch
    {
        AgentState.Sleeping => "sleeping",
        AgentState.Starting => "starting",
        AgentState.Ready => "ready",
        AgentState.Degraded => "degraded",
    };
}
