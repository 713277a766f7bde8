using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Drover.Runtime.Docker;
using Drover.Runtime.Docker.Logs;
using Drover.Runtime.Docker.Swarm;
using Drover.Testing.Docker;

namespace Drover.Runtime.Tests.Docker;

/// <summary>A Swarm of one real node.</summary>
public sealed class SwarmTests(SwarmTests.Node node) : IClassFixture<SwarmTests.Node>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private DockerClient Client => node.Engine.Client;

    [Fact]
    public async Task A_manager_knows_itself_its_Swarm_and_its_nodes_and_prints_no_join_token()
    {
        var facts = await Client.System.InfoAsync(Token);
        var swarm = await Client.Swarm.InspectAsync(Token);
        var nodes = await Client.Nodes.ListAsync(filters: null, Token);

        Assert.True(facts.Swarm is { LocalNodeState: "active", ControlAvailable: true });
        Assert.StartsWith("SWMTKN-", swarm.JoinTokens.Worker, StringComparison.Ordinal);
        Assert.DoesNotContain("SWMTKN", swarm.ToString(), StringComparison.Ordinal);
        var only = Assert.Single(nodes);
        Assert.Equal((node.Id, "ready", true), (only.Id, only.Status.State, only.ManagerStatus!.Leader));
    }

    [Fact]
    public async Task A_node_is_labelled_and_an_update_of_an_older_state_is_a_stale_version()
    {
        var before = await Client.Nodes.InspectAsync(node.Id, Token);
        var spec = before.Spec with { Labels = new Dictionary<string, string> { ["disk"] = "ssd" } };
        await Client.Nodes.UpdateAsync(node.Id, before.Version, spec, Token);

        var after = await Client.Nodes.InspectAsync(node.Id, Token);
        Assert.Equal("ssd", after.Spec.Labels!["disk"]);
        Assert.Equal(before.Spec.Role, after.Spec.Role);

        var stale = await Assert.ThrowsAsync<DockerApiException>(
            () => Client.Nodes.UpdateAsync(node.Id, before.Version, spec, Token));
        Assert.True(stale.IsStaleVersion);
    }

    [Fact]
    public async Task A_service_gets_its_secret_and_config_runs_is_read_scaled_to_none_and_removed()
    {
        var secret = await Client.Secrets.CreateAsync(File("password", "hunter2"), Token);
        var config = await Client.Configs.CreateAsync(File("settings", "colour=blue"), Token);
        var spec = Spec("reader", "cat /run/secrets/password /etc/settings; echo; echo ready >&2; sleep 3600") with
        {
            Labels = new Dictionary<string, string> { ["drover.app"] = "reader" },
        };
        spec = spec with
        {
            TaskTemplate = spec.TaskTemplate with
            {
                ContainerSpec = spec.TaskTemplate.ContainerSpec! with
                {
                    Secrets =
                        [new() { SecretId = secret, SecretName = "password", File = new() { Name = "password" } }],
                    Configs =
                        [new() { ConfigId = config, ConfigName = "settings", File = new() { Name = "/etc/settings" } }],
                },
            },
        };
        var created = await Client.Services.CreateAsync(spec, credentials: null, Token);

        var running = await RunningAsync("reader", count: 1);
        Assert.Equal((created.Id, node.Id, 1), (running[0].ServiceId, running[0].NodeId, running[0].Slot));
        Assert.NotEmpty(running[0].Status.ContainerStatus!.ContainerId);
        Assert.Equal(running[0].Id, (await Client.Tasks.InspectAsync(running[0].Id, Token)).Id);
        var listed = await Client.Services.ListAsync(
            DockerFilters.Where("label", "drover.app=reader"), status: true, Token);
        Assert.Equal(new ServiceStatus(1, 1), Assert.Single(listed).ServiceStatus);
        await Eventually.TrueAsync(
            async () => (await LogAsync("reader")).Any(
                line => line is { Stream: LogSource.Stderr, Text: "ready" }), "the log of reader", Token);
        Assert.Contains(
            await LogAsync("reader"), line => line is { Stream: LogSource.Stdout, Text: "hunter2colour=blue" });

        var service = await Client.Services.InspectAsync("reader", Token);
        await Client.Services.UpdateAsync(
            service.Id, service.Version, service.Spec.Scaled(0), credentials: null, Token);
        await RunningAsync("reader", count: 0);
        var stale = await Assert.ThrowsAsync<DockerApiException>(
            () => Client.Services.UpdateAsync(
                service.Id, service.Version, service.Spec.Scaled(1), credentials: null, Token));
        Assert.True(stale.IsStaleVersion);

        await Client.Services.RemoveAsync("reader", Token);
        var gone = await Assert.ThrowsAsync<DockerApiException>(() => Client.Services.InspectAsync("reader", Token));
        Assert.True(gone.IsNotFound);
    }

    [Fact]
    public async Task Scaling_a_service_keeps_what_this_client_does_not_know_of_it()
    {
        var spec = Spec("exotic", "sleep 3600").Scaled(0);
        var container = spec.TaskTemplate.ContainerSpec! with
        {
            Other = new()
            {
                ["CapabilityAdd"] = Json("""["CAP_NET_ADMIN"]"""),
                ["Sysctls"] = Json("""{"net.ipv4.ip_unprivileged_port_start":"80"}"""),
            },
            StopGracePeriod = TimeSpan.FromMilliseconds(1500),
        };
        spec = spec with { TaskTemplate = spec.TaskTemplate with { ContainerSpec = container } };
        var id = (await Client.Services.CreateAsync(spec, credentials: null, Token)).Id;

        var read = await Client.Services.InspectAsync(id, Token);
        await Client.Services.UpdateAsync(id, read.Version, read.Spec.Scaled(2), credentials: null, Token);

        var after = await Client.Services.InspectAsync(id, Token);
        Assert.Equal(2, after.Spec.Mode!.Replicated!.Replicas);
        var kept = after.Spec.TaskTemplate.ContainerSpec!;
        Assert.Equal("""["CAP_NET_ADMIN"]""", kept.Other!["CapabilityAdd"].GetRawText());
        Assert.Contains("ip_unprivileged_port_start", kept.Other["Sysctls"].GetRawText(), StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromMilliseconds(1500), kept.StopGracePeriod);
        await Client.Services.RemoveAsync(id, Token);
    }

    [Fact]
    public void A_global_service_cannot_be_scaled()
    {
        var spec = Spec("agent", "sleep 1") with { Mode = new ServiceMode { Global = new() } };

        Assert.Contains("\"agent\"", Assert.Throws<InvalidOperationException>(() => spec.Scaled(2)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secrets_content_is_never_read_back_a_configs_is_and_a_name_is_taken_once()
    {
        var secret = await Client.Secrets.CreateAsync(File("api-key", "s3cret"), Token);
        var config = await Client.Configs.CreateAsync(File("motd", "hello"), Token);

        Assert.Null((await Client.Secrets.InspectAsync(secret, Token)).Spec.Data);
        Assert.Equal("hello"u8.ToArray(), (await Client.Configs.InspectAsync(config, Token)).Spec.Data);
        Assert.Contains(await Client.Secrets.ListAsync(filters: null, Token), each => each.Spec.Name is "api-key");
        var taken = await Assert.ThrowsAsync<DockerApiException>(
            () => Client.Secrets.CreateAsync(File("api-key", "x"), Token));
        Assert.True(taken.IsConflict);

        await Client.Secrets.RemoveAsync(secret, Token);
        await Client.Configs.RemoveAsync(config, Token);
        Assert.DoesNotContain(await Client.Secrets.ListAsync(filters: null, Token), each => each.Id == secret);
    }

    private async Task<IReadOnlyList<SwarmTask>> RunningAsync(string service, int count)
    {
        IReadOnlyList<SwarmTask> running = [];
        await Eventually.TrueAsync(
            async () =>
            {
                var tasks = await Client.Tasks.ListAsync(DockerFilters.Where("service", service), Token);
                running = [.. tasks.Where(task => task.Status.State is "running")];
                return running.Count == count;
            },
            $"{count} running tasks of {service}",
            Token);
        return running;
    }

    private async Task<List<LogLine>> LogAsync(string service) =>
        await Client.Services.LogsAsync(service, new LogQuery(), Token).ToListAsync(Token);

    private static ServiceSpec Spec(string name, string script) => new()
    {
        Name = name,
        TaskTemplate = new TaskSpec
        {
            ContainerSpec = new ServiceContainer { Image = DockerEngine.Image, Command = DockerEngine.Shell(script) },
            RestartPolicy = new TaskRestartPolicy { Condition = "none" },
            // The host's own network: this engine has no bridge.
            Networks = [new NetworkAttachment { Target = "host" }],
        },
    };

    private static SwarmFileSpec File(string name, string content) =>
        new() { Name = name, Data = Encoding.UTF8.GetBytes(content) };

    private static JsonElement Json(string text) => JsonElement.Parse(text);

    /// <summary>An engine that is the one manager of its Swarm.</summary>
    public sealed class Node : IAsyncLifetime
    {
        public DockerEngine Engine { get; private set; } = null!;

        public string Id { get; private set; } = "";

        public async ValueTask InitializeAsync()
        {
            Engine = await DockerEngine.StartAsync();
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            var address = listener.LocalEndpoint.ToString()!;
            listener.Stop();
            var swarm = new InitSwarm { ListenAddr = address, AdvertiseAddr = address };
            Id = await Engine.Client.Swarm.InitAsync(swarm, CancellationToken.None);
        }

        public async ValueTask DisposeAsync()
        {
            await Engine.Client.Swarm.LeaveAsync(force: true, CancellationToken.None);
            await Engine.DisposeAsync();
        }
    }
}
