using System.Runtime.CompilerServices;
using System.Text.Json;
using Drover.Wire.Gateway;
using Drover.Wire.People;

namespace Drover.Wire.Client;

/// <summary>
/// The typed client of a gateway's admin listener. Takes an <see cref="HttpClient"/> whose base address, transport and
/// authorization are set. A refusal is a <see cref="ServerProblemException"/>, silence a
/// <see cref="ServerUnreachableException"/>.
/// </summary>
public sealed class GatewayClient(HttpClient http, TimeProvider time)
{
    /// <summary>Longest single wait for a wake or a sleep that the gateway grants.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(25);

    private readonly Exchange _exchange = new(http, time, "the gateway");

    /// <summary>How the gateway itself is.</summary>
    public Task<GatewayHealthDto> HealthAsync(CancellationToken cancellationToken) =>
        _exchange.GetAsync(GatewayRoutes.Health, WireJson.Default.GatewayHealthDto, cancellationToken);

    /// <summary>All agents, in the order of drover.yaml.</summary>
    public async Task<IReadOnlyList<GatewayAgentDto>> ListAgentsAsync(CancellationToken cancellationToken) =>
        (await _exchange.GetAsync(GatewayRoutes.Agents, WireJson.Default.PageGatewayAgentDto, cancellationToken)
            .ConfigureAwait(false)).Items;

    /// <summary>One agent with all that is known of it.</summary>
    public Task<GatewayAgentDetailDto> GetAgentAsync(string name, CancellationToken cancellationToken) =>
        _exchange.GetAsync(
            PathOf(GatewayRoutes.Agent, name), WireJson.Default.GatewayAgentDetailDto, cancellationToken);

    /// <summary>
    /// Wakes an agent and gives it as it is once it serves, or after <paramref name="wait"/> (at most
    /// <see cref="LongestWait"/>).
    /// </summary>
    public Task<GatewayAgentDetailDto> WakeAsync(string name, TimeSpan wait, CancellationToken cancellationToken) =>
        OrderAsync(GatewayRoutes.AgentWake, name, wait, cancellationToken);

    /// <summary>
    /// Puts an agent to sleep and gives it as it is once it sleeps, or after <paramref name="wait"/> (at most
    /// <see cref="LongestWait"/>).
    /// </summary>
    public Task<GatewayAgentDetailDto> SleepAsync(string name, TimeSpan wait, CancellationToken cancellationToken) =>
        OrderAsync(GatewayRoutes.AgentSleep, name, wait, cancellationToken);

    /// <summary>Which hostname leads to which agent.</summary>
    public async Task<IReadOnlyList<GatewayRouteDto>> ListRoutesAsync(CancellationToken cancellationToken) =>
        (await _exchange.GetAsync(GatewayRoutes.RouteTable, WireJson.Default.PageGatewayRouteDto, cancellationToken)
            .ConfigureAwait(false)).Items;

    /// <summary>Who is told of events over HTTP, and how each stands.</summary>
    public async Task<IReadOnlyList<GatewayWebhookDto>> ListWebhooksAsync(CancellationToken cancellationToken) =>
        (await _exchange.GetAsync(GatewayRoutes.Webhooks, WireJson.Default.PageGatewayWebhookDto, cancellationToken)
            .ConfigureAwait(false)).Items;

    /// <summary>The oldest events that a webhook did not take.</summary>
    public async Task<IReadOnlyList<GatewayDeadLetterDto>> ListDeadLettersAsync(
        string webhook, int limit, CancellationToken cancellationToken) =>
        (await _exchange.GetAsync(
            new Query(PathOf(GatewayRoutes.DeadLetters, webhook)).With("limit", limit).ToString(),
            WireJson.Default.PageGatewayDeadLetterDto,
            cancellationToken).ConfigureAwait(false)).Items;

    /// <summary>Sends a webhook's dead letters again.</summary>
    public Task<GatewayResendDto> ResendAsync(string webhook, CancellationToken cancellationToken) =>
        _exchange.SendAsync(
            HttpMethod.Post,
            PathOf(GatewayRoutes.Resend, webhook),
            null,
            WireJson.Default.GatewayResendDto,
            cancellationToken);

    /// <summary>
    /// All agents now, and again whenever something of them changed, for ever: a broken connection is made again.
    /// </summary>
    /// <param name="onConnection">Told <c>null</c> when a connection stands, else why it does not.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    public async IAsyncEnumerable<IReadOnlyList<GatewayAgentDto>> WatchAgentsAsync(
        Action<string?>? onConnection, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var frames = _exchange.FollowAsync(
            () => GatewayRoutes.Watch, () => null, _ => { }, onConnection, cancellationToken);
        await foreach (var frame in frames.ConfigureAwait(false))
        {
            if (JsonSerializer.Deserialize(frame.Data, WireJson.Default.PageGatewayAgentDto) is { } page)
            {
                yield return page.Items;
            }
        }
    }

    /// <summary>One page of the events that are kept, oldest first.</summary>
    public Task<Page<EventDto>> ListEventsAsync(GatewayEventQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        return _exchange.GetAsync(
            EventPath(GatewayRoutes.Events, query).With("limit", query.Limit).ToString(),
            WireJson.Default.PageEventDto,
            cancellationToken);
    }

    /// <summary>
    /// Events from now on, or after <see cref="GatewayEventQuery.After"/>, for ever: a broken connection is made again
    /// and resumes after the last event seen.
    /// </summary>
    /// <param name="query">Which events.</param>
    /// <param name="onGap">Told that some events between are not kept any more.</param>
    /// <param name="onConnection">Told <c>null</c> when a connection stands, else why it does not.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    public async IAsyncEnumerable<EventDto> FollowEventsAsync(
        GatewayEventQuery query,
        Action? onGap,
        Action<string?>? onConnection,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        var last = query.After;
        string Path() => EventPath(GatewayRoutes.EventStream, query with { After = last }).ToString();
        await foreach (var frame in _exchange
            .FollowAsync(Path, () => last, id => last = id, onConnection, cancellationToken).ConfigureAwait(false))
        {
            last = frame.Id ?? last;
            if (frame.Event == GatewayRoutes.GapEvent)
            {
                onGap?.Invoke();
            }
            else if (JsonSerializer.Deserialize(frame.Data, WireJson.Default.EventDto) is { } one)
            {
                last = one.Id;
                yield return one;
            }
        }
    }

    private static Query EventPath(string route, GatewayEventQuery query) => new Query(route)
        .WithEach("type", query.Types).With("agent", query.Agent).With("after", query.After);

    private Task<GatewayAgentDetailDto> OrderAsync(
        string route, string name, TimeSpan wait, CancellationToken cancellationToken)
    {
        var seconds = (int)Math.Clamp(Math.Ceiling(wait.TotalSeconds), 0, LongestWait.TotalSeconds);
        return _exchange.SendAsync(
            HttpMethod.Post,
            new Query(PathOf(route, name)).With("wait", seconds).ToString(),
            null,
            WireJson.Default.GatewayAgentDetailDto,
            cancellationToken);
    }

    private static string PathOf(string route, string name) =>
        route.Replace("{name}", Uri.EscapeDataString(name), StringComparison.Ordinal);
}

/// <summary>Which events of a gateway are shown.</summary>
/// <param name="Types">Names or families (<c>agent.*</c>); null or empty is all.</param>
/// <param name="Agent">Only this agent's; null is all.</param>
/// <param name="After">Id after which to begin; null is the newest.</param>
/// <param name="Limit">Most in a page.</param>
public sealed record GatewayEventQuery(
    IReadOnlyList<string>? Types = null, string? Agent = null, string? After = null, int? Limit = null);
