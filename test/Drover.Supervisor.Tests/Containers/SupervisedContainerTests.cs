using Drover.Core.Components;
using Drover.Core.Health;
using Drover.Runtime.Probing;
using Drover.Supervisor.Control;
using Drover.Supervisor.Documents;
using Drover.Testing.Agents;
using Drover.Testing.Docker;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.Supervisor.Tests.Containers;

/// <summary>A whole supervisor with a container as its component.</summary>
public sealed class SupervisedContainerTests(SharedDockerEngine shared)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_container_is_kept_alive_probed_shown_by_its_name_and_stopped_like_a_process()
    {
        using var directory = new TemporaryDirectory();
        var engine = await shared.GetAsync();
        var options = Options(directory.Path, engine);
        try
        {
            await using var supervisor = await SupervisorRole.StartAsync(
                options, NullLoggerFactory.Instance, TimeProvider.System, Token);
            var client = new ControlClient(supervisor.SocketPath);

            var ready = await UntilAsync(client, status => status is { State: ComponentState.Running, Ready: true });
            Assert.Equal(
                (ComponentKind.Container, "kept", (int?)null, 0L),
                (ready.Kind, ready.Container, ready.Pid, ready.Restarts));

            await engine.Client.Containers.KillAsync("kept", "SIGKILL", Token);
            var again = await UntilAsync(
                client, status => status is { State: ComponentState.Running, Restarts: 1, Ready: true });
            Assert.Equal(("signal", "was ended by SIGKILL"), (again.LastCause!.Word, again.LastCause.Message));

            await supervisor.StopAsync(Token);
            Assert.False((await engine.Client.Containers.InspectAsync("kept", Token)).State.Running);
        }
        finally
        {
            await engine.RemoveAsync("kept");
        }
    }

    private static SupervisorOptions Options(string directory, DockerEngine engine)
    {
        var document = new SupervisorDocument(
        [
            new ComponentDocument
            {
                Name = "runner",
                DisplayName = "Agent Runner (Docker)",
                Spec = new ComponentSpec
                {
                    Restart = new RestartPolicy { MinUptime = TimeSpan.FromMilliseconds(1) },
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
        return new SupervisorOptions
        {
            DataDirectory = directory,
            Document = document,
            Reread = () => document,
            DockerHost = engine.Address,
            ReapsOrphans = false,
        };
    }

    private static async Task<ComponentStatus> UntilAsync(ControlClient client, Func<ComponentStatus, bool> wanted)
    {
        ComponentStatus? last = null;
        await Eventually.TrueAsync(
            async () => wanted(last = (await client.StatusAsync(Token)).Components.Single()),
            "the component is as wanted",
            Token);
        return last!;
    }
}
