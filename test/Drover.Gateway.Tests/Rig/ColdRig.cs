using System.Net;
using Drover.Core.Agents;
using Drover.Gateway.Agents;
using Drover.Gateway.Documents;
using Drover.Gateway.Forwarding;
using Drover.Gateway.Hosting;
using Drover.Gateway.Routing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.Gateway.Tests.Rig;

/// <summary>The public listener of a gateway with one agent, <c>scout</c>, whose life the test plays.</summary>
internal sealed class ColdRig : IAsyncDisposable
{
    private readonly AgentForwarder _forwarder;
    private readonly PublicListener _listener;

    private ColdRig(AgentForwarder forwarder, PublicListener listener, AgentSeat seat, StagedLife life)
    {
        (_forwarder, _listener, Seat, Life) = (forwarder, listener, seat, life);
        Address = new Uri(listener.Listens[0]);
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
        {
            BaseAddress = Address,
            Timeout = TimeSpan.FromSeconds(60),
        };
    }

    public required Routes Routes { get; init; }

    public AgentSeat Seat { get; }

    public StagedLife Life { get; }

    public Uri Address { get; }

    public HttpClient Client { get; }

    /// <summary>An agent on demand, asleep; its hostnames are <c>scout.test</c> and <c>localhost</c>.</summary>
    public static AgentDocument Agent(AgentPolicy policy = AgentPolicy.OnDemand) => new()
    {
        Name = "scout",
        Hostnames = [GatewayRig.Host("scout.test"), GatewayRig.Host("localhost")],
        Target = new AgentTarget.Service("scout", 8081),
        Policy = policy,
    };

    public static async Task<ColdRig> StartAsync(AgentDocument? agent = null, TimeProvider? time = null)
    {
        time ??= TimeProvider.System;
        var document = new GatewayDocument { Listen = "127.0.0.1:0", Agents = [agent ?? Agent()] };
        var seat = new AgentSeat(document.Agents[0], time);
        var life = new StagedLife(seat, time);
        seat.Life = life;
        var routes = new Routes();
        routes.Write([.. document.Agents[0].Hostnames.Select(host => new Route(host, seat))]);
        var forwarder = new AgentForwarder(
            new ClientAddress(document.Forwarded, document.TrustedProxies),
            time,
            NullLogger<AgentForwarder>.Instance);
        var door = new FrontDoor(routes, forwarder, time, NullLogger<FrontDoor>.Instance);
        var listener = await PublicListener.StartAsync(
            document, null, door, time, TestContext.Current.CancellationToken);
        return new ColdRig(forwarder, listener, seat, life) { Routes = routes };
    }

    /// <summary>A request for the agent.</summary>
    public HttpRequestMessage Request(string target, HttpMethod? method = null) =>
        new(method ?? HttpMethod.Get, new Uri(Address, target)) { Headers = { Host = "scout.test" } };

    /// <summary>The same with headers that tests of this room are about.</summary>
    public HttpRequestMessage Request(string target, params ReadOnlySpan<(string Name, string Value)> headers)
    {
        var request = Request(target);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request) => Client.SendAsync(
        request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);

    public Task<HttpResponseMessage> GetAsync(string target = "/") => SendAsync(Request(target));

    /// <summary>Status code and body of an answer.</summary>
    public static async Task<(HttpStatusCode Code, string Body)> ReadAsync(Task<HttpResponseMessage> answering)
    {
        using var answer = await answering;
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    public Task<(HttpStatusCode Code, string Body)> TextAsync(string target = "/") => ReadAsync(GetAsync(target));

    public Task<RawClient> RawAsync() => RawClient.ConnectAsync(Address);

    /// <summary>Waits until so many requests wait for the agent.</summary>
    public Task UntilWaitingAsync(int count) => UntilAsync(() => Seat.Activity.Waiting == count, $"{count} waiting");

    /// <summary>Waits until a request has asked for a wake, and it is under way.</summary>
    public Task UntilStartingAsync() =>
        UntilAsync(() => Life.Wakes > 0 && Seat.View.State is Core.Agents.AgentState.Starting, "the wake");

    /// <summary>Waits for what the gateway does by itself.</summary>
    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        while (!condition())
        {
            try
            {
                await Task.Delay(TimeSpan.FromMilliseconds(5), limit.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"cannot wait any longer for {what}");
            }
        }
    }

    /// <summary>The gateway ends, with all the time it may take.</summary>
    public Task StopAsync() => _listener.StopAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _listener.StopAsync(now.Token);
        await _listener.DisposeAsync();
        Seat.View.Backend?.Dispose();
        _forwarder.Dispose();
    }
}
