using System.Net;
using Drover.Core.Agents;
using Drover.Gateway.Documents;
using Drover.Gateway.Routing;
using Drover.Testing.Agents;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.Gateway.Tests.Rig;

/// <summary>A whole gateway on loopback, and a client of it.</summary>
internal sealed class GatewayRig : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory;

    private GatewayRig(GatewayRole role, TemporaryDirectory directory)
    {
        Role = role;
        _directory = directory;
        Address = new Uri(role.Listens[0]);
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
        {
            BaseAddress = Address,
            Timeout = TimeSpan.FromSeconds(30),
        };
    }

    public GatewayRole Role { get; }

    /// <summary>Where its plain listener is.</summary>
    public Uri Address { get; }

    public HttpClient Client { get; }

    public static AgentDocument Agent(
        Uri origin, string name = "scout", params IReadOnlyList<string> hostnames) => new()
        {
            Name = name,
            Hostnames = [.. (hostnames.Count == 0 ? [$"{name}.test"] : hostnames).Select(Host)],
            Target = new AgentTarget.Fixed(origin),
            Policy = AgentPolicy.Unmanaged,
        };

    /// <summary>An agent that is a service of a <see cref="PlayedSwarm"/>, played at that address.</summary>
    public static AgentDocument Service(
        Uri origin, AgentPolicy policy = AgentPolicy.OnDemand, string name = "scout") => new()
        {
            Name = name,
            Hostnames = [Host($"{name}.test")],
            Target = new AgentTarget.Service(name, origin.Port),
            Policy = policy,
        };

    public static HostPattern Host(string text) =>
        HostPattern.TryParse(text, out var pattern) is { } why ? throw new ArgumentException(why) : pattern;

    public static Task<GatewayRig> StartAsync(params IReadOnlyList<AgentDocument> agents) =>
        StartAsync(new GatewayDocument { Agents = agents });

    public static async Task<GatewayRig> StartAsync(
        GatewayDocument document,
        Func<GatewayDocument>? reread = null,
        TimeProvider? time = null,
        PlayedSwarm? swarm = null,
        string? dockerHost = null)
    {
        var directory = new TemporaryDirectory();
        var options = new GatewayOptions
        {
            DataDirectory = directory.Path,
            DockerHost = dockerHost ?? "unix:///nowhere/docker.sock",
            Document = document with
            {
                Listen = "127.0.0.1:0",
                Admin = document.Admin with { Listen = "127.0.0.1:0" },
            },
            Reread = reread ?? (() => document),
        };
        options = options with { DockerHost = dockerHost ?? options.DockerHost };
        var role = await GatewayRole.StartAsync(
            options,
            NullLoggerFactory.Instance,
            time ?? TimeProvider.System,
            swarm?.Access,
            TestContext.Current.CancellationToken);
        return new GatewayRig(role, directory);
    }

    /// <summary>A request for a hostname.</summary>
    public HttpRequestMessage Request(HttpMethod method, string target, string host = "scout.test") =>
        new(method, new Uri(Address, target)) { Headers = { Host = host } };

    /// <summary>The same by HTTP/2, and by nothing less.</summary>
    public HttpRequestMessage Request2(HttpMethod method, string target)
    {
        var request = Request(method, target);
        request.Version = HttpVersion.Version20;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        return request;
    }

    public Task<HttpResponseMessage> GetAsync(string target, string host = "scout.test") =>
        Client.SendAsync(
            Request(HttpMethod.Get, target, host),
            HttpCompletionOption.ResponseHeadersRead,
            TestContext.Current.CancellationToken);

    public async Task<string> TextAsync(string target, string host = "scout.test")
    {
        using var response = await GetAsync(target, host);
        return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>A client for HTTP/2 without TLS.</summary>
    public HttpClient Http2() => new(new SocketsHttpHandler())
    {
        BaseAddress = Address,
        DefaultRequestVersion = HttpVersion.Version20,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    public Task<RawClient> RawAsync() => RawClient.ConnectAsync(Address);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await Role.StopAsync(now.Token);
        _directory.Dispose();
    }
}
