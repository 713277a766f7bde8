using Drover.Core.Components;
using Drover.Core.Health;
using Drover.Runtime.Docker;
using Drover.Runtime.Probing;
using Drover.Supervisor.Control;
using Drover.Supervisor.Daemon;
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

    [Fact]
    public async Task A_crash_pattern_in_the_log_of_a_container_ends_it_and_its_last_lines_are_in_the_history()
    {
        var engine = await shared.GetAsync();
        using var directory = new TemporaryDirectory();
        var options = Options(
            directory.Path,
            engine,
            Component("talks", "echo begins; sleep 1; echo token=hunter2secret; echo 'panic: no way'; exec sleep 1000")
                with
            { Liveness = new ProbeTarget.Log { Fatal = "panic|Traceback" } });
        try
        {
            await using var supervisor = await SupervisorRole.StartAsync(
                options, NullLoggerFactory.Instance, TimeProvider.System, Token);
            var client = new ControlClient(supervisor.SocketPath);
            await UntilAsync(client, status => status.Restarts >= 2);
            var history = await client.HistoryAsync("runner", 10, Token);
            var (first, second) = (history[^1], history[^2]);

            Assert.Equal("probe", first.Cause);
            Assert.Contains("panic: no way", first.Message, StringComparison.Ordinal);
            Assert.Equal(3, first.Log.Count);
            Assert.Equal(("begins", "panic: no way"), (first.Log[0], first.Log[2]));
            Assert.DoesNotContain(first.Log, line => line.Contains("hunter2secret", StringComparison.Ordinal));

            // The line of the run before is not held against the next: it too lives until it writes it itself.
            Assert.InRange(second.UptimeSeconds ?? 0, 0.9, 60);
            await supervisor.StopAsync(Token);
        }
        finally
        {
            await engine.RemoveAsync("talks");
        }
    }

    [Fact]
    public async Task A_container_that_waits_for_an_engine_that_is_not_there_does_not_hold_up_a_stop()
    {
        using var directory = new TemporaryDirectory();
        var options = Options(directory.Path, await shared.GetAsync(), Component("never", "exec sleep 1000")) with
        {
            DockerHost = $"unix://{directory.File("no-engine.sock")}",
        };
        await using var supervisor = await SupervisorRole.StartAsync(
            options, NullLoggerFactory.Instance, TimeProvider.System, Token);
        var client = new ControlClient(supervisor.SocketPath);
        await UntilAsync(client, status => status is { State: ComponentState.Starting, LastError: not null });

        var outcome = await client.OrderAsync(ControlVerb.Stop, "runner", TimeSpan.FromSeconds(10), Token);
        Assert.Equal((true, ComponentState.Stopped), (outcome.Done, outcome.Components[0].State));
        await client.OrderAsync(ControlVerb.Start, "runner", TimeSpan.Zero, Token);
        await UntilAsync(client, status => status is { State: ComponentState.Starting, LastError: not null });
        await supervisor.StopAsync(Token).WaitAsync(TimeSpan.FromSeconds(10), Token);
    }

    [Fact]
    public async Task Without_a_supervisor_the_engine_is_asked_whether_a_container_runs_and_doubt_is_said()
    {
        var engine = await shared.GetAsync();
        using var directory = new TemporaryDirectory();
        var options = Options(directory.Path, engine, Component("left", "exec sleep 1000"));
        try
        {
            await using (var supervisor = await SupervisorRole.StartAsync(
                options, NullLoggerFactory.Instance, TimeProvider.System, Token))
            {
                await UntilAsync(
                    new ControlClient(supervisor.SocketPath), status => status.State is ComponentState.Running);
            }

            // It ended without stopping anything, as one that is killed.
            var left = await AtRestAsync(options, engine.Address);
            Assert.Equal(
                (ComponentState.Running, ComponentHealth.Unknown, "left"), (left.State, left.Health, left.Container));

            var nobodyKnows = await AtRestAsync(options, $"unix://{directory.File("no-engine.sock")}");
            Assert.Equal(ComponentHealth.Unknown, nobodyKnows.Health);
            Assert.StartsWith(
                "cannot tell whether the container runs: ", nobodyKnows.LastError, StringComparison.Ordinal);

            await engine.Client.Containers.KillAsync("left", "SIGKILL", Token);
            var stopped = await AtRestAsync(options, engine.Address);
            Assert.Equal(
                (ComponentState.Stopped, ComponentHealth.Stopped, (string?)null),
                (stopped.State, stopped.Health, stopped.Container));
        }
        finally
        {
            await engine.RemoveAsync("left");
        }
    }

    private static async Task<ComponentStatus> AtRestAsync(SupervisorOptions options, string address) =>
        (await RestingStatus.ReadAsync(
            options.DataDirectory,
            options.Document,
            "1",
            () => new DockerClient(DockerEndpoint.Parse(address), TimeProvider.System),
            TimeProvider.System,
            Token))!.Components.Single();

    private static ComponentDocument Component(string container, string script) => new()
    {
        Name = "runner",
        DisplayName = "Agent Runner (Docker)",
        Spec = new ComponentSpec
        {
            Restart = new RestartPolicy { MinUptime = TimeSpan.FromMilliseconds(1) },
            Stop = new StopPolicy("SIGKILL", TimeSpan.Zero),
            Health = new HealthSpec(
                Liveness: new ProbeSpec { Period = TimeSpan.FromMilliseconds(100), FailureThreshold = 1 }),
        },
        Launch = new ContainerLaunch
        {
            Image = DockerEngine.Image,
            ContainerName = container,
            Network = "none",
            Command = ["sh", "-c", script],
        },
        Liveness = new ProbeTarget.DockerState(),
    };

    private static SupervisorOptions Options(string directory, DockerEngine engine, ComponentDocument? other = null)
    {
        var document = new SupervisorDocument(
        [
            other ?? new ComponentDocument
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
