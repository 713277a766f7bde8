using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using Drover.Core.Agents;
using Drover.Gateway.Admin;
using Drover.Gateway.Agents;
using Drover.Gateway.Capacity;
using Drover.Gateway.Documents;
using Drover.Gateway.Metrics;
using Drover.Gateway.Routing;
using Drover.Gateway.Tests.Rig;
using Drover.Runtime.Configuration;
using Drover.Runtime.Events;
using Drover.Testing.Agents;
using Drover.Wire.Client;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.Gateway.Tests.Admin;

/// <summary>An admin listener on loopback with agents whose lives a test plays, and its clients.</summary>
internal sealed class AdminRig : IAsyncDisposable
{
    public const string AgentToken = "an agent's own registration token";

    private readonly AdminListener _listener;
    private readonly EventJournal _journal;
    private readonly HttpClient _bySocket;

    private AdminRig(
        AdminListener listener, AgentSet agents, Routes routes, EventJournal journal, TemporaryDirectory at)
    {
        (_listener, Agents, Routes, _journal, Directory) = (listener, agents, routes, journal, at);
        Address = new Uri(listener.Listen);
        Stranger = new HttpClient { BaseAddress = Address };
        Operator = Holding(File.ReadAllText(listener.TokenPath!).TrimEnd());
        _bySocket = BySocket();
        Client = new GatewayClient(_bySocket, TimeProvider.System);
    }

    public AdminListener Listener => _listener;

    public required GatewayDocument Document { get; init; }

    /// <summary>It says nothing until a test lets it.</summary>
    public required PlayedSwarm Swarm { get; init; }

    public Uri Address { get; }

    public TemporaryDirectory Directory { get; }

    public AgentSet Agents { get; }

    public Routes Routes { get; }

    public IEventPublisher Events => _journal;

    /// <summary>Shows no token.</summary>
    public HttpClient Stranger { get; }

    /// <summary>Shows the admin token.</summary>
    public HttpClient Operator { get; }

    /// <summary>The verbs' client, over the socket.</summary>
    public GatewayClient Client { get; }

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    public static AgentDocument Managed(TemporaryDirectory directory, string name = "scout") => new()
    {
        Name = name,
        Hostnames = [GatewayRig.Host($"{name}.test"), GatewayRig.Host($"*.{name}.test")],
        Target = new AgentTarget.Service($"stack_{name}", 8081),
        Policy = AgentPolicy.OnDemand,
        RegistrationToken = SecretSource.OfFile(directory.File("agent-token")),
    };

    public static async Task<AdminRig> StartAsync(
        Func<TemporaryDirectory, GatewayDocument>? documentOf = null, TimeProvider? time = null)
    {
        var directory = new TemporaryDirectory();
        File.WriteAllText(directory.File("agent-token"), AgentToken + "\n");
        var document = documentOf?.Invoke(directory) ?? new GatewayDocument { Agents = [Managed(directory)] };
        var options = new GatewayOptions
        {
            DataDirectory = directory.Path,
            Document = document with { Admin = document.Admin with { Listen = "127.0.0.1:0" } },
            Reread = () => document,
        };
        System.IO.Directory.CreateDirectory(new GatewayPaths(directory.Path).Own);
        var clock = time ?? TimeProvider.System;
        var routes = new Routes();
        var metrics = new GatewayMetrics(routes, clock);
        var journal = new EventJournal("/gateways/test", 7, [metrics], clock, NullLogger<EventJournal>.Instance);
        var swarm = new PlayedSwarm { IsReachable = false };
        var agents = AgentsOf(document, routes, journal, clock, swarm);
        metrics.Agents = agents;
        var listener = await AdminListener.StartAsync(
            options, agents, routes, journal.Feed, swarm, metrics, NullLoggerFactory.Instance, clock, Ending);
        return new AdminRig(listener, agents, routes, journal, directory)
        {
            Document = options.Document,
            Swarm = swarm,
        };
    }

    /// <summary>Agents of a Swarm that says nothing: their lives are for the test to play.</summary>
    public static AgentSet AgentsOf(
        GatewayDocument document, Routes routes, IEventPublisher events, TimeProvider time, PlayedSwarm? swarm = null)
    {
        swarm ??= new PlayedSwarm { IsReachable = false };
        var capacity = new CapacityRunner(
            document.Capacity, () => [], time, NullLogger<CapacityRunner>.Instance);
        var agents = new AgentSet(
            routes, time, swarm.Access.Leading(capacity, events, time, NullLoggerFactory.Instance));
        agents.Apply(document);
        return agents;
    }

    /// <summary>A client that shows a token.</summary>
    public HttpClient Holding(string token) => new()
    {
        BaseAddress = Address,
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) },
    };

    public AgentSeat Seat(string name = "scout") => Agents.Find(name)!;

    /// <summary>Gives an agent a life that the test plays.</summary>
    public OrderedLife Play(string name = "scout")
    {
        var life = new OrderedLife();
        Seat(name).Life = life;
        return life;
    }

    public async Task<JsonElement> GetAsync(string path)
    {
        using var answer = await Operator.GetAsync(new Uri(path, UriKind.Relative), Ending);
        var text = await answer.Content.ReadAsStringAsync(Ending);
        return JsonDocument.Parse(text).RootElement;
    }

    public async Task<(int Status, JsonElement Body)> PostAsync(string path)
    {
        using var answer = await Operator.PostAsync(new Uri(path, UriKind.Relative), null, Ending);
        var text = await answer.Content.ReadAsStringAsync(Ending);
        return ((int)answer.StatusCode, JsonDocument.Parse(text).RootElement);
    }

    public async ValueTask DisposeAsync()
    {
        Stranger.Dispose();
        Operator.Dispose();
        _bySocket.Dispose();
        await _listener.DisposeAsync();
        await _journal.DisposeAsync();
        Agents.Dispose();
        Directory.Dispose();
    }

    private HttpClient BySocket()
    {
        var path = AdminSocket.PathIn(Directory.Path);
        return new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        })
        {
            BaseAddress = new Uri("http://socket"),
        };
    }
}
