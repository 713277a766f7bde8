using Drover.Core.Components;
using Drover.Core.Health;
using Drover.Runtime.Probing;
using Drover.Supervisor.Control;
using Drover.Supervisor.Documents;
using Drover.Testing.Agents;
using Drover.Testing.Docker;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.Supervisor.Tests.Containers;

/// <summary>The Docker Engine goes away under container components, and comes back.</summary>
public sealed class EngineOutageTests : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private DockerEngine? _engine;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private DockerEngine Engine => _engine!;

    [Fact]
    public async Task Stopped_with_its_containers_it_is_waited_for_and_they_run_again_as_soon_as_it_is_back()
    {
        _engine = await DockerEngine.StartAsync();
        await using var supervisor = await StartAsync();
        var client = new ControlClient(supervisor.SocketPath);
        await UntilAsync(client, status => status is { State: ComponentState.Running, Ready: true });

        await Engine.StopDaemonAsync();

        var away = await UntilAsync(client, status => status.LastError is { } error
            && error.StartsWith("cannot reach Docker: no Docker Engine answers at ", StringComparison.Ordinal)
            && error.EndsWith("started?", StringComparison.Ordinal));
        Assert.NotEqual(ComponentHealth.Healthy, away.Health);
        Assert.False(away.Ready);
        await Engine.StartDaemonAsync();
        var back = await UntilAsync(client, status => status is { State: ComponentState.Running, Ready: true });

        // One for its end, and one for each start that the engine took on its way down, which takes it seconds: at
        // once, after one second, after two more.
        Assert.InRange(back.Restarts, 1, 4);
        Assert.True((await Engine.Client.Containers.InspectAsync("kept", Token)).State.Running);
        await supervisor.StopAsync(Token);
    }

    [Fact]
    public async Task A_container_that_lives_on_without_its_engine_is_shown_as_unseen_and_is_the_same_instance_later()
    {
        _engine = await DockerEngine.StartAsync("--live-restore");
        await using var supervisor = await StartAsync();
        var client = new ControlClient(supervisor.SocketPath);
        var before = await UntilAsync(client, status => status is { State: ComponentState.Running, Ready: true });

        await Engine.StopDaemonAsync();
        var away = await UntilAsync(client, status => status.Health is ComponentHealth.Unknown);
        Assert.Equal((ComponentState.Running, "kept", false), (away.State, away.Container, away.Ready));
        await Engine.StartDaemonAsync();

        var back = await UntilAsync(client, status => status is { State: ComponentState.Running, Ready: true });
        Assert.Equal((before.Instance, 0L), (back.Instance, back.Restarts));
        Assert.InRange((back.StartedAt - before.StartedAt)!.Value.Duration(), default, TimeSpan.FromSeconds(1));
        Assert.Null(back.LastError);
        await supervisor.StopAsync(Token);
        Assert.False((await Engine.Client.Containers.InspectAsync("kept", Token)).State.Running);
    }

    [Fact]
    public async Task The_end_and_the_start_of_a_supervisor_do_not_wait_for_it_and_what_lived_on_is_begun_anew()
    {
        _engine = await DockerEngine.StartAsync("--live-restore");
        string id;
        await using (var supervisor = await StartAsync())
        {
            var client = new ControlClient(supervisor.SocketPath);
            await UntilAsync(client, status => status is { State: ComponentState.Running, Ready: true });
            id = (await Engine.Client.Containers.InspectAsync("kept", Token)).Id;
            await Engine.StopDaemonAsync();
            await UntilAsync(client, status => status.Health is ComponentHealth.Unknown);
            await supervisor.StopAsync(Token).WaitAsync(TimeSpan.FromSeconds(10), Token);
        }

        await using var next = await StartAsync().WaitAsync(TimeSpan.FromSeconds(10), Token);
        var asked = new ControlClient(next.SocketPath);
        Assert.NotNull((await asked.StatusAsync(Token)).Components[0].LastError);
        await Engine.StartDaemonAsync();

        var back = await UntilAsync(asked, status => status is { State: ComponentState.Running, Ready: true });
        Assert.Equal(2, back.Instance);
        var container = await Engine.Client.Containers.InspectAsync("kept", Token);
        Assert.Equal((id, true), (container.Id, container.State.Running));
        await next.StopAsync(Token);
    }

    [Fact]
    public async Task An_order_to_stop_ends_the_waiting_for_an_engine_that_is_not_there()
    {
        await using var supervisor = await StartAsync("unix:///nowhere/docker.sock");
        var client = new ControlClient(supervisor.SocketPath);
        var waiting = await UntilAsync(client, status => status.LastError is not null);
        Assert.Equal((ComponentState.Starting, 0L), (waiting.State, waiting.Restarts));
        Assert.EndsWith(
            "no Docker Engine answers at unix:///nowhere/docker.sock: there is no such socket; is the Docker Engine "
                + "installed and started?",
            waiting.LastError,
            StringComparison.Ordinal);

        var outcome = await client.OrderAsync(ControlVerb.Stop, "runner", TimeSpan.FromSeconds(10), Token);

        Assert.True(outcome.Done);
        Assert.Equal(ComponentState.Stopped, outcome.Components[0].State);
    }

    public async ValueTask DisposeAsync()
    {
        if (_engine is not null)
        {
            if (!File.Exists(Engine.SocketPath))
            {
                await Engine.StartDaemonAsync();
            }

            await Engine.DisposeAsync();
        }

        _directory.Dispose();
    }

    private Task<SupervisorRole> StartAsync(string? address = null)
    {
        var document = new SupervisorDocument(
        [
            new ComponentDocument
            {
                Name = "runner",
                DisplayName = "Runner",
                Spec = new ComponentSpec
                {
                    Restart = new RestartPolicy { MinUptime = TimeSpan.FromMilliseconds(1) },
                    Stop = new StopPolicy("SIGTERM", TimeSpan.FromSeconds(0.5)),
                    Health = new HealthSpec(Readiness: new ProbeSpec { Period = TimeSpan.FromMilliseconds(200) }),
                },
                Launch = new ContainerLaunch
                {
                    Image = DockerEngine.Image,
                    ContainerName = "kept",
                    Network = "none",
                    Command = DockerEngine.Idle,
                },
                Readiness = new ProbeTarget.DockerState(),
            },
        ]);
        var options = new SupervisorOptions
        {
            DataDirectory = _directory.Path,
            Document = document,
            Reread = () => document,
            DockerHost = address ?? Engine.Address,
            ReapsOrphans = false,
        };
        return SupervisorRole.StartAsync(options, NullLoggerFactory.Instance, TimeProvider.System, Token);
    }

    private static async Task<ComponentStatus> UntilAsync(ControlClient client, Func<ComponentStatus, bool> wanted)
    {
        ComponentStatus? last = null;
        try
        {
            await Eventually.TrueAsync(
                async () => wanted(last = (await client.StatusAsync(Token)).Components.Single()),
                "the component is as wanted",
                Token);
        }
        catch (TimeoutException error)
        {
            throw new TimeoutException($"{error.Message}; last seen: {last}", error);
        }

        return last!;
    }
}
