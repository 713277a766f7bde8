using Drover.Gateway.Admin;
using Drover.Gateway.Agents;
using Drover.Gateway.Capacity;
using Drover.Gateway.Documents;
using Drover.Gateway.Events;
using Drover.Gateway.Forwarding;
using Drover.Gateway.Hosting;
using Drover.Gateway.Lifecycle;
using Drover.Gateway.Metrics;
using Drover.Gateway.Routing;
using Drover.Runtime.Configuration;
using Microsoft.Extensions.Logging;

namespace Drover.Gateway;

/// <summary>
/// The gateway as a part of a process: answers clients until it is stopped. Owns its listeners, the connections to
/// agents and all that goes on between them.
/// </summary>
public sealed partial class GatewayRole : IAsyncDisposable
{
    // RFC 6455, section 7.4.1.
    private const int GoingAway = 1001;

    // How long clients have to answer a close frame before they are cut.
    private static readonly TimeSpan CloseGrace = TimeSpan.FromSeconds(2);

    private readonly GatewayOptions _options;
    private readonly GatewayEvents _events;
    private readonly AdminListener _admin;
    private readonly SwarmAccess _swarm;
    private readonly CapacityRunner _capacity;
    private readonly AgentSet _agents;
    private readonly AgentForwarder _forwarder;
    private readonly ListenerCertificate? _certificate;
    private readonly PublicListener _listener;
    private readonly TimeProvider _time;
    private readonly ILogger<GatewayRole> _logger;
    private readonly Lock _reloading = new();
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private GatewayDocument _document;
    private int _stopping;

    private GatewayRole(
        GatewayOptions options,
        GatewayEvents events,
        AdminListener admin,
        SwarmAccess swarm,
        CapacityRunner capacity,
        AgentSet agents,
        AgentForwarder forwarder,
        ListenerCertificate? certificate,
        PublicListener listener,
        TimeProvider time,
        ILogger<GatewayRole> logger)
    {
        _options = options;
        _document = options.Document;
        _events = events;
        _admin = admin;
        _swarm = swarm;
        _capacity = capacity;
        _agents = agents;
        _forwarder = forwarder;
        _certificate = certificate;
        _listener = listener;
        _time = time;
        _logger = logger;
    }

    /// <summary>What the public listeners are bound to, as addresses with their schemes.</summary>
    public IReadOnlyList<string> Listens => _listener.Listens;

    /// <summary>What the admin listener is bound to, as an address with its scheme.</summary>
    public string AdminListen => _admin.Listen;

    /// <summary>Where the admin token is, when it was made here and not chosen by the user.</summary>
    public string? AdminTokenPath => _admin.TokenPath;

    /// <summary>The agents that it leads to.</summary>
    internal AgentSet Agents => _agents;

    /// <summary>What it tells of itself.</summary>
    internal GatewayEvents Events => _events;

    /// <summary>Completes when the gateway has stopped.</summary>
    public Task Completion => _completion.Task;

    /// <summary>Starts the gateway; when the task completes it answers.</summary>
    /// <exception cref="GatewayStartException">It cannot start; the sentence says why and what to do.</exception>
    public static Task<GatewayRole> StartAsync(
        GatewayOptions options, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken) =>
        StartAsync(options, loggers, time, swarm: null, cancellationToken);

    /// <summary>The same with a Swarm that is given.</summary>
    internal static async Task<GatewayRole> StartAsync(
        GatewayOptions options,
        ILoggerFactory loggers,
        TimeProvider time,
        SwarmAccess? swarm,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var document = options.Document;
        var certificate = document.Tls is { } tls
            ? ListenerCertificate.Open(tls, time, loggers.CreateLogger<ListenerCertificate>())
            : null;
        swarm ??= SwarmAccess.Open(options, loggers, time);
        var routes = new Routes();
        var metrics = new GatewayMetrics(routes, time);
        var events = await GatewayEvents.OpenAsync(options, metrics, loggers, time);
        AgentSet? agents = null;
        var capacity = new CapacityRunner(
            document.Capacity, () => agents?.All ?? [], time, loggers.CreateLogger<CapacityRunner>());
        agents = new AgentSet(routes, time, swarm.Leading(capacity, events, time, loggers));
        metrics.Agents = agents;
        var forwarder = new AgentForwarder(
            new ClientAddress(document.Forwarded, document.TrustedProxies),
            time,
            loggers.CreateLogger<AgentForwarder>());
        AdminListener? admin = null;
        try
        {
            agents.Apply(document);
            await AgentReconciliation.WaitAsync(agents, time, loggers, cancellationToken);
            admin = await AdminListener.StartAsync(
                options, agents, routes, events.Feed, swarm.Watch, metrics, loggers, time, cancellationToken);
            var door = new FrontDoor(routes, forwarder, time, loggers.CreateLogger<FrontDoor>());
            var listener = await PublicListener.StartAsync(document, certificate, door, time, cancellationToken);
            admin.PublicListens = listener.Listens;
            admin.Webhooks = events.Webhooks;
            return new GatewayRole(
                options,
                events,
                admin,
                swarm,
                capacity,
                agents,
                forwarder,
                certificate,
                listener,
                time,
                loggers.CreateLogger<GatewayRole>());
        }
        catch
        {
            certificate?.Dispose();
            await (admin?.DisposeAsync() ?? ValueTask.CompletedTask);
            agents.Dispose();
            capacity.Dispose();
            forwarder.Dispose();
            await swarm.DisposeAsync();
            await events.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Reads the user's file and the certificate again and takes up what changed; no connection is dropped. What cannot
    /// be used changes nothing.
    /// </summary>
    /// <exception cref="ConfigurationException">The file cannot be used; the sentence says why.</exception>
    /// <exception cref="GatewayStartException">What it asks for cannot be done; the sentence says why.</exception>
    public ReloadOutcome Reload()
    {
        lock (_reloading)
        {
            var document = _options.Reread();
            _admin.Reload(document);
            _certificate?.Reload();
            var before = _document.Agents.Select(agent => agent.Name).ToList();
            var now = document.Agents.Select(agent => agent.Name).ToList();
            var outcome = new ReloadOutcome(
                [.. now.Except(before)], [.. before.Except(now)], Fixed(_document, document));
            _capacity.Limits = document.Capacity;
            _agents.Apply(document);
            _admin.Reloaded();
            _forwarder.Client = new ClientAddress(document.Forwarded, document.TrustedProxies);
            _document = document;
            _events.Reloaded(document, outcome);
            Reloaded(now.Count, outcome.Added.Count, outcome.Removed.Count);
            return outcome;
        }
    }

    /// <summary>
    /// Takes no more requests and lets open ones end for <see cref="GatewayDocument.DrainTimeout"/>, or until the token
    /// says enough. WebSockets that are open then are closed with 1001, and what is left is cut.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _stopping, 1) == 1)
        {
            await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        try
        {
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var ending = _listener.StopAsync(enough.Token);
            if (await IsOverAfterAsync(ending, _document.DrainTimeout, cancellationToken))
            {
                return;
            }

            // What is still open hears why before it is cut.
            using var closing = new CancellationTokenSource(CloseGrace, _time);
            await Task.WhenAll(_agents.All.Select(seat => seat.Sockets.CloseAllAsync(
                GoingAway, "the gateway ends", closing.Token)));
            await IsOverAfterAsync(ending, CloseGrace, cancellationToken);
            await enough.CancelAsync();
            await ending;
        }
        finally
        {
            await _listener.DisposeAsync();
            _certificate?.Dispose();
            await _admin.DisposeAsync();
            _agents.Dispose();
            _capacity.Dispose();
            _forwarder.Dispose();
            await _swarm.DisposeAsync();
            await _events.DisposeAsync();
            _completion.TrySetResult();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync(CancellationToken.None);

    private async Task<bool> IsOverAfterAsync(Task ending, TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            await ending.WaitAsync(limit, _time, cancellationToken);
            return true;
        }
        catch (Exception error) when (error is TimeoutException or OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>What sockets are bound to and bounded by counts from a start on.</summary>
    private static List<string> Fixed(GatewayDocument before, GatewayDocument now)
    {
        var keys = new List<string>();
        Note(keys, "gateway.listen", before.Listen == now.Listen);
        Note(keys, "gateway.tls", before.Tls == now.Tls);
        Note(keys, "gateway.admin", AdminListener.IsSame(before.Admin, now.Admin));
        Note(keys, "gateway.network", before.Network == now.Network);
        Note(keys, "gateway.limits", before.Limits == now.Limits);
        return keys;
    }

    private static void Note(List<string> keys, string key, bool isSame)
    {
        if (!isSame)
        {
            keys.Add(key);
        }
    }

    [LoggerMessage(
        5001,
        LogLevel.Information,
        "The configuration was read again: {Agents} agents, {Added} of them new, {Removed} gone")]
    private partial void Reloaded(int agents, int added, int removed);
}
