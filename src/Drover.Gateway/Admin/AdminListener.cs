using System.Net;
using System.Net.Sockets;
using Drover.Gateway.Agents;
using Drover.Gateway.Documents;
using Drover.Gateway.Hosting;
using Drover.Gateway.Metrics;
using Drover.Gateway.Registration;
using Drover.Gateway.Routing;
using Drover.Gateway.Swarm;
using Drover.Runtime.Events;
using Drover.Runtime.Events.Webhooks;
using Drover.Runtime.Files;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.Gateway.Admin;

/// <summary>
/// The listener for operators and for agents that register hostnames: a port of its own, with TLS where the user gave a
/// certificate, and the unix socket of this machine's verbs. Nothing on it is answered before it is known who asks.
/// Owns its sockets.
/// </summary>
internal sealed class AdminListener : IAsyncDisposable
{
    private const int MostConnections = 256;
    private const int MostBody = 64 * 1024;

    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(2);

    private readonly WebApplication _application;
    private readonly AdminGate _gate;
    private readonly GatewayPaths _paths;
    private readonly ListenerCertificate? _certificate;
    private readonly LeaseRunner _leases;
    private readonly CancellationTokenSource _stopping;
    private IReadOnlyList<string> _publicListens = [];
    private WebhookSet? _webhooks;

    private AdminListener(
        GatewayOptions options,
        AgentSet agents,
        Routes routes,
        EventFeed events,
        IServiceWatch watch,
        GatewayMetrics metrics,
        Registrar registrar,
        ILoggerFactory loggers,
        TimeProvider time)
    {
        var document = options.Document;
        _paths = new GatewayPaths(options.DataDirectory);
        _stopping = new CancellationTokenSource();
        var keys = AdminKeys.Read(document, _paths);
        TokenPath = keys.TokenPath;
        _gate = new AdminGate(keys, agents, time, loggers.CreateLogger<AdminGate>());
        Registrar = registrar;
        _certificate = ListenerCertificate.Open(document.Admin, time, loggers.CreateLogger<ListenerCertificate>());
        _leases = new LeaseRunner(Registrar, agents, time, loggers.CreateLogger<LeaseRunner>());
        var desk = new AdminDesk(
            agents,
            routes,
            events,
            watch,
            metrics,
            Registrar,
            new SleepOrders(loggers.CreateLogger<SleepOrders>(), _stopping.Token),
            time,
            time.GetUtcNow(),
            () => Volatile.Read(ref _publicListens),
            _stopping.Token)
        {
            Webhooks = () => Volatile.Read(ref _webhooks),
        };
        var door = new AdminDoor(_gate, desk, loggers.CreateLogger<AdminDoor>());
        _application = Build(document.Admin);
        _application.Run(door.HandleAsync);
    }

    /// <summary>What it is bound to, as an address with its scheme.</summary>
    public string Listen => _application.Urls.First(url => !url.Contains("://unix:", StringComparison.Ordinal));

    /// <summary>Where the operators' token is, when it was made here.</summary>
    public string? TokenPath { get; private set; }

    /// <summary>The hostnames that agents registered.</summary>
    public Registrar Registrar { get; }

    /// <summary>What the public listeners are bound to, once they are.</summary>
    public IReadOnlyList<string> PublicListens
    {
        set => Volatile.Write(ref _publicListens, value);
    }

    /// <summary>Who is told of events over HTTP.</summary>
    public WebhookSet Webhooks
    {
        set => Volatile.Write(ref _webhooks, value);
    }

    /// <summary>Binds and answers.</summary>
    /// <exception cref="GatewayStartException">It cannot; the sentence says why and what to do.</exception>
    public static async Task<AdminListener> StartAsync(
        GatewayOptions options,
        AgentSet agents,
        Routes routes,
        EventFeed events,
        IServiceWatch watch,
        GatewayMetrics metrics,
        ILoggerFactory loggers,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (AdminSocket.Objection(AdminSocket.PathIn(options.DataDirectory)) is { } objection)
        {
            throw new GatewayStartException($"cannot start the gateway: {objection}");
        }

        var paths = new GatewayPaths(options.DataDirectory);
        var registrar = new Registrar(agents, routes, paths.Registrations, time);
        var listener = new AdminListener(options, agents, routes, events, watch, metrics, registrar, loggers, time);
        try
        {
            // Left behind by one that was killed; the folder is ours alone.
            File.Delete(listener._paths.AdminSocket);
            await listener._application.StartAsync(cancellationToken);
            File.SetUnixFileMode(listener._paths.AdminSocket, AtomicFile.OwnerOnly);
            return listener;
        }
        catch (Exception error) when (error is IOException or SocketException or UnauthorizedAccessException)
        {
            await listener.DisposeAsync();
            throw new GatewayStartException(Explain(options.Document.Admin.Listen, error), error);
        }
        catch
        {
            await listener.DisposeAsync();
            throw;
        }
    }

    /// <summary>Tokens and certificate as the files have them now; what cannot be used changes nothing.</summary>
    /// <exception cref="GatewayStartException">One cannot be used; the sentence says why.</exception>
    public void Reload(GatewayDocument document)
    {
        var keys = AdminKeys.Read(document, _paths);
        _certificate?.Reload();
        _gate.Keys = keys;
        TokenPath = keys.TokenPath;
    }

    /// <summary>The agents are those of a new configuration: what was registered is held against it at once.</summary>
    public void Reloaded() => _leases.LookNow();

    /// <summary>True when nothing changed that only a restart takes up.</summary>
    public static bool IsSame(AdminDocument before, AdminDocument now) =>
        before with { Token = null } == now with { Token = null };

    /// <summary>Ends what is open at once: it is for looking, and its readers come again.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        using var limit = new CancellationTokenSource(StopTime);
        await _application.StopAsync(limit.Token);
        await _application.DisposeAsync();
        await _leases.DisposeAsync();
        _certificate?.Dispose();
        _stopping.Dispose();
    }

    private WebApplication Build(AdminDocument document)
    {
        // Empty rather than slim: nothing is read from files, variables or signals that belong to the executable.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MostBody;
            kestrel.Listen(IPEndPoint.Parse(document.Listen), listener =>
            {
                // Strangers that hold connections open leave the socket of this machine's operators alone.
                var room = new ConnectionRoom(MostConnections);
                listener.Use(room.ServeAsync);
                listener.Protocols = _certificate is null ? HttpProtocols.Http1 : HttpProtocols.Http1AndHttp2;
                _certificate?.Secure(listener);
            });
            kestrel.ListenUnixSocket(_paths.AdminSocket, listener => listener.Protocols = HttpProtocols.Http1);
        });
        builder.Services.AddSingleton<IHostLifetime, NoSignals>();
        builder.Services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        return builder.Build();
    }

    private static string Explain(string listen, Exception error) => IsTaken(error)
        ? $"cannot listen on \"{listen}\": another program has the port; stop it or set gateway.admin.listen to "
            + "another one"
        : $"cannot listen on \"{listen}\": {error.Message}";

    private static bool IsTaken(Exception? error) => error is not null
        && (error is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse }
            || error is Microsoft.AspNetCore.Connections.AddressInUseException
            || IsTaken(error.InnerException));
}
