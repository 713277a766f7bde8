using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Drover.Testing.Agents;
using Drover.Testing.Documents;

namespace Drover.HostAgent.Tests.Start;

public sealed class LocalApiTests : IAsyncLifetime
{
    private readonly HttpClient _http = new();
    private AgentBench _bench = null!;

    public async ValueTask InitializeAsync() => _bench = await AgentBench.SetUpAsync();

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _bench.DisposeAsync();
    }

    [Fact]
    public async Task The_local_api_is_off_unless_told() => Assert.Null((await _bench.StartAsync()).LocalApi);

    [Fact]
    public async Task Health_tells_docker_the_server_link_and_the_last_heartbeat()
    {
        _bench.Engine.AddContainers(2);
        var agent = await _bench.StartAsync(WithApi());
        await AgentBench.UntilAsync(
            () => _bench.Server.Containers.Count == 2 && !_bench.Server.Heartbeats.IsEmpty, "the agent at work");

        var health = JsonElement.Parse("{}");
        await Testing.Docker.Eventually.TrueAsync(
            async () => (health = await GetAsync(agent, "health")).GetProperty(
                "status").GetString() == "ok", "health ok", TestContext.Current.CancellationToken);
        Assert.Equal(("up", "ok", 2), (
            health.GetProperty("docker").GetString(), health.GetProperty(
                "server_link").GetString(), health.GetProperty("containers").GetInt32()));
        Assert.InRange(
            health.GetProperty("last_heartbeat_at").GetDateTimeOffset(), TimeProvider.System.GetUtcNow().AddMinutes(
                -1), TimeProvider.System.GetUtcNow());

        await _bench.Engine.StopAsync();
        await Testing.Docker.Eventually.TrueAsync(
            async () => (health = await GetAsync(agent, "health")).GetProperty(
                "docker").GetString() == "down", "docker down", TestContext.Current.CancellationToken);
        Assert.Equal("degraded", health.GetProperty("status").GetString());
    }

    [Fact]
    public async Task Capabilities_tell_the_policy_of_the_host()
    {
        var agent = await _bench.StartAsync(
            WithApi() with { Policy = new HostPolicy { MonitorOnly = true, ProtectedApps = ["db"] } });
        var capabilities = await GetAsync(agent, "capabilities");
        Assert.False(capabilities.GetProperty("compose_agent").GetBoolean());
        Assert.Equal("status_panel", capabilities.GetProperty("control_plane").GetString());
        Assert.Equal("1.2.3", capabilities.GetProperty("version").GetString());
        Assert.True(capabilities.GetProperty("policy").GetProperty("monitor_only").GetBoolean());
        Assert.Equal("db", capabilities.GetProperty("policy").GetProperty("protected_apps")[0].GetString());
    }

    [Fact]
    public async Task Metrics_are_prometheus_text_and_nothing_can_be_changed()
    {
        var agent = await _bench.StartAsync(WithApi());
        var metrics = await _http.GetStringAsync(
            new Uri(agent.LocalApi!, "metrics"), TestContext.Current.CancellationToken);
        Assert.Contains("# TYPE drover_agent_docker_up gauge", metrics, StringComparison.Ordinal);

        using var post = await _http.PostAsync(
            new Uri(agent.LocalApi!, "health"), null, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, post.StatusCode);
    }

    [Fact]
    public async Task The_metrics_of_a_running_agent_are_those_of_the_reference()
    {
        var agent = await _bench.StartAsync(WithApi());
        var metrics = await _http.GetStringAsync(
            new Uri(agent.LocalApi!, "metrics"), TestContext.Current.CancellationToken);

        Assert.Equal(MetricsText.Reference("Host agent"), MetricsText.Exposed(metrics));
    }

    [Fact]
    public async Task A_taken_port_is_told_by_its_key()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var listen = taken.LocalEndpoint.ToString()!;
        var refused = await Assert.ThrowsAsync<HostAgentStartException>(
            () => _bench.StartAsync(WithApi() with { LocalApiListen = listen }));
        Assert.StartsWith(
            $"cannot listen on host_agent.local_api \"{listen}\"", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0.0.0.0:7781")]
    [InlineData("[::]:7781")]
    [InlineData("192.0.2.7:7781")]
    public async Task An_address_that_other_machines_could_reach_is_refused(string listen)
    {
        var refused = await Assert.ThrowsAsync<HostAgentStartException>(
            () => _bench.StartAsync(WithApi() with { LocalApiListen = listen }));
        Assert.StartsWith($"cannot use host_agent.local_api \"{listen}\": ", refused.Message, StringComparison.Ordinal);
        Assert.Empty(_bench.Server.Enrollments);
    }

    [Fact]
    public async Task It_listens_where_it_was_told_whatever_the_environment_says_of_web_servers()
    {
        const string Variable = "ASPNETCORE_URLS";
        Environment.SetEnvironmentVariable(Variable, "http://0.0.0.0:0");
        try
        {
            var agent = await _bench.StartAsync(WithApi());
            Assert.Equal("127.0.0.1", agent.LocalApi!.Host);
            await GetAsync(agent, "health");
        }
        finally
        {
            Environment.SetEnvironmentVariable(Variable, null);
        }
    }

    private HostAgentOptions WithApi() => _bench.Options() with { LocalApiListen = "127.0.0.1:0" };

    private async Task<JsonElement> GetAsync(HostAgentRole agent, string path) =>
        JsonElement.Parse(
            await _http.GetStringAsync(new Uri(agent.LocalApi!, path), TestContext.Current.CancellationToken));
}
