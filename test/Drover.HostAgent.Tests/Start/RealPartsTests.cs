using System.Net.Http.Json;
using Drover.Core.Trust;
using Drover.Runtime.Docker.Containers;
using Drover.Testing.Agents;
using Drover.Testing.Docker;
using Drover.Testing.Server;
using Drover.Wire;
using Drover.Wire.Commands;
using Drover.Wire.Inventory;
using Drover.Wire.People;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.HostAgent.Tests.Start;

/// <summary>The real server, a real Docker Engine and the real agent between them.</summary>
[Trait("tier", "heavy")]
public sealed class RealPartsTests : IAsyncLifetime
{
    private readonly TemporaryDirectory _data = new();
    private DockerEngine _engine = null!;
    private ServerFixture _server = null!;
    private HostAgentRole _agent = null!;
    private HttpClient _admin = null!;

    public async ValueTask InitializeAsync()
    {
        _engine = await DockerEngine.StartAsync();
        _server = await ServerFixture.StartAsync(
            configure: options => options with { HeartbeatInterval = TimeSpan.FromSeconds(5) });
        _admin = _server.Admin();
        _ = SecretToken.TryParse(await _server.EnrollmentTokenAsync(), SecretToken.EnrollmentPrefix, out var token);
        var options = new HostAgentOptions
        {
            DataDirectory = _data.Path,
            Server = _server.Role.Address,
            EnrollToken = token,
            DockerHost = _engine.Address,
            Name = "alice",
        };
        _agent = await HostAgentRole.StartAsync(
            options, NullLoggerFactory.Instance, TimeProvider.System, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _agent.DisposeAsync();
        await _server.DisposeAsync();
        await _engine.DisposeAsync();
        _data.Dispose();
    }

    [Fact]
    public async Task Verified_end_to_end_a_new_host_comes_online_and_its_containers_appear_and_one_is_restarted()
    {
        await UntilHostIsAsync("live");
        await _engine.RunAsync("web", labels: new Dictionary<string, string> { ["drover.app"] = "shop" });
        await Eventually.TrueAsync(
            async () => (await ContainersAsync()).Any(
                one => one is { AppCode: "shop", Container.State: "running" }), "the container at the server", Token);
        var before = (await ContainersAsync()).Single(one => one.AppCode == "shop").Container.StartedAt;

        using var ordered = await _admin.PostAsJsonAsync(
            Routes.Commands,
            new OrderRequest("restart", null, new CommandParameters { AppCode = "shop", StopTimeout = 1 }),
            WireJson.Default.OrderRequest, Token);
        var command = await ordered.Content.ReadFromJsonAsync(WireJson.Default.CommandDto, Token);
        await Eventually.TrueAsync(
            async () => await StatusAsync(command!.CommandId) == "completed", "the restart reported", Token);
        await Eventually.TrueAsync(
            async () => (await ContainersAsync()).Single(one => one.AppCode == "shop").Container
                is { State: "running" } now && now.StartedAt != before,
            "the new run at the server",
            Token);
    }

    [Fact]
    public async Task A_container_that_appears_changes_and_goes_is_shown_within_a_second_each()
    {
        const int Rounds = 7;
        await UntilHostIsAsync("live");
        var appeared = new List<TimeSpan>();
        var changed = new List<TimeSpan>();
        var went = new List<TimeSpan>();
        for (var round = 0; round < Rounds; round++)
        {
            var name = $"web-{round}";
            await _engine.RunAsync(name);
            appeared.Add(await ShownAfterAsync(
                all => all.Any(one => one.Name == name && one.State == "running"), $"{name} running"));
            await _engine.Client.Containers.KillAsync(name, "KILL", Token);
            changed.Add(await ShownAfterAsync(
                all => all.Any(one => one.Name == name && one.State == "exited"), $"{name} exited"));
            await _engine.Client.Containers.RemoveAsync(name, force: false, volumes: false, Token);
            went.Add(await ShownAfterAsync(all => all.All(one => one.Name != name), $"{name} gone"));
        }

        // A busy machine makes single rounds late; an agent that polls or waits too long makes all of them late.
        Assert.All((List<TimeSpan>[])[appeared, changed, went], each =>
            Assert.InRange(each.Order().ElementAt(Rounds / 2), TimeSpan.Zero, TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public async Task A_container_that_turns_unhealthy_and_healthy_again_is_shown_within_a_second_each()
    {
        const int Rounds = 5;
        await UntilHostIsAsync("live");
        var id = await _engine.RunAsync("web", healthcheck: new HealthCheck
        {
            Test = ["CMD-SHELL", "test ! -e /sick"],
            Interval = TimeSpan.FromMilliseconds(300),
            Timeout = TimeSpan.FromSeconds(10),
            Retries = 1,
        });
        await ShownHealthAsync(id, "healthy");
        var turned = new List<TimeSpan>();
        for (var round = 0; round < Rounds; round++)
        {
            await ExecAsync(id, "touch /sick");
            turned.Add(await ShownHealthAsync(id, "unhealthy"));
            await ExecAsync(id, "rm /sick");
            turned.Add(await ShownHealthAsync(id, "healthy"));
        }

        Assert.InRange(turned.Order().ElementAt(Rounds), TimeSpan.Zero, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task A_stopped_docker_engine_shows_docker_down_and_recovers_by_itself()
    {
        await UntilHostIsAsync("live");
        await _engine.RunAsync("web");
        await Eventually.TrueAsync(async () => (await ContainersAsync()).Count == 1, "the container", Token);
        await _engine.StopDaemonAsync();
        await UntilHostIsAsync("docker_down");
        await _engine.StartDaemonAsync();
        await UntilHostIsAsync("live");

        // The engine ends its containers with itself; no event told so.
        await Eventually.TrueAsync(
            async () => (await ContainersAsync()).Single().Container.State == "exited",
            "the end of the container",
            Token);
        Assert.False(_agent.Completion.IsCompleted);
    }

    [Fact]
    public async Task A_hung_docker_engine_shows_docker_down_and_recovers_by_itself()
    {
        await UntilHostIsAsync("live");
        _engine.PauseDaemon();
        await UntilHostIsAsync("docker_down");
        _engine.ResumeDaemon();
        await UntilHostIsAsync("live");
    }

    [Fact]
    public async Task Stopping_the_agent_shows_as_goodbye()
    {
        await UntilHostIsAsync("live");
        await _agent.StopAsync(Token);
        await UntilHostIsAsync("goodbye");
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private async Task<string> StatusAsync(string commandId) =>
        (await _admin.GetFromJsonAsync($"{Routes.Commands}/{commandId}", WireJson.Default.CommandDto, Token))!.Status;

    private async Task<IReadOnlyList<HostContainerDto>> ContainersAsync() =>
        (await _admin.GetFromJsonAsync(Routes.Containers, WireJson.Default.PageHostContainerDto, Token))!.Items;

    /// <summary>From the moment the engine has done it to the moment the server shows it.</summary>
    private async Task<TimeSpan> ShownAfterAsync(Func<IEnumerable<ContainerDto>, bool> isShown, string what)
    {
        var began = TimeProvider.System.GetTimestamp();
        await Eventually.TrueAsync(
            async () => isShown((await ContainersAsync()).Select(one => one.Container)), what, Token);
        return TimeProvider.System.GetElapsedTime(began);
    }

    /// <summary>As above, from the moment the engine itself says so.</summary>
    private async Task<TimeSpan> ShownHealthAsync(string id, string health)
    {
        await Eventually.TrueAsync(
            async () => (await _engine.Client.Containers.InspectAsync(id, Token)).State.Health?.Status == health,
            $"the engine finds it {health}",
            Token);
        return await ShownAfterAsync(all => all.Any(one => one.DockerId == id && one.Health == health), health);
    }

    private async Task ExecAsync(string id, string line)
    {
        var exec = await _engine.Client.Exec.CreateAsync(id, new CreateExec { Cmd = DockerEngine.Shell(line) }, Token);
        Assert.Empty(await _engine.Client.Exec.StartAsync(exec, tty: false, Token).ToListAsync(Token));
    }

    private Task UntilHostIsAsync(string state) => Eventually.TrueAsync(
        async () => (await _admin.GetFromJsonAsync(Routes.Hosts, WireJson.Default.PageHostDto, Token))!.Items.Any(
            host => host.State == state),
        $"host {state}", Token);
}
