using System.Diagnostics;
using Drover.Core.Agents;
using Drover.Gateway.Swarm;
using Drover.Runtime.Docker.Swarm;
using Drover.Testing.Docker;

namespace Drover.Gateway.Tests.Swarm;

/// <summary>What is seen of tasks that fail, die or freeze on a Swarm of one real node.</summary>
public sealed class RealFailureTests(SharedSwarm swarm)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_wake_that_fails_for_want_of_its_image_says_so()
    {
        await using var test = new SwarmFixture(await swarm.GetAsync());
        var spec = SwarmMachine.Agent("imageless");
        await test.DeployAsync(
            spec with
            {
                TaskTemplate = spec.TaskTemplate with
                {
                    ContainerSpec = spec.TaskTemplate.ContainerSpec! with { Image = "drover-test/absent:latest" },
                },
            });
        using var seen = await test.WatchAsync("imageless");

        await test.Scaler.ScaleAsync("imageless", 1, Token);

        var failed = await seen.SeesAsync(each => each.Tasks.Any(task => task.Error is not null), "failed");
        Assert.Contains(
            "No such image: drover-test/absent", failed.Tasks.First(task => task.Error is not null).Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wake_that_fails_because_no_node_fits_says_so()
    {
        await using var test = new SwarmFixture(await swarm.GetAsync());
        var spec = SwarmMachine.Agent("homeless");
        await test.DeployAsync(spec with
        {
            TaskTemplate = spec.TaskTemplate with
            {
                Placement = new Placement { Constraints = ["node.labels.gpu==yes"] },
            },
        });
        using var seen = await test.WatchAsync("homeless");

        using var hurry = test.Watch.Hurry("homeless");
        await test.Scaler.ScaleAsync("homeless", 1, Token);

        var waiting = await seen.SeesAsync(each => each.Tasks is [{ Error: not null }], "told why it waits");
        Assert.Equal(TaskPhase.Pending, waiting.Tasks[0].Phase);
        Assert.Contains("no suitable node", waiting.Tasks[0].Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_task_that_fails_at_once_says_with_which_code_and_Swarm_restarts_it_as_often_as_its_owner_said()
    {
        await using var test = new SwarmFixture(await swarm.GetAsync());
        var spec = SwarmMachine.Agent("crashing", "exit 3");
        await test.DeployAsync(spec with
        {
            TaskTemplate = spec.TaskTemplate with
            {
                RestartPolicy = new TaskRestartPolicy
                {
                    Condition = "any",
                    Delay = TimeSpan.FromMilliseconds(100),
                    MaxAttempts = 1,
                },
            },
        });
        using var seen = await test.WatchAsync("crashing");

        await test.Scaler.ScaleAsync("crashing", 1, Token);

        var failed = await seen.SeesAsync(
            each => each.Tasks.Any(task => task is { Phase: TaskPhase.Failed }), "failed");
        Assert.Equal(1, failed.MaxAttempts);
        var first = failed.Tasks.First(task => task.Phase is TaskPhase.Failed);
        Assert.Equal((3, "task: non-zero exit (3)"), (first.ExitCode, first.Error));

        // Wanted once, nothing runs or waits: Swarm has given up.
        await seen.SeesAsync(
            each => each is { Replicas: 1, Tasks: [{ Phase: TaskPhase.Failed } last] } && last.Id != first.Id,
            "given up");
    }

    [Fact]
    public async Task A_container_that_is_killed_is_seen_dead_at_once()
    {
        await using var test = new SwarmFixture(await swarm.GetAsync());
        await test.DeployAsync("killed", replicas: 1);
        using var seen = await test.WatchAsync("killed");
        var up = (await seen.SeesAsync(each => each.Serving is { Phase: TaskPhase.Running }, "running")).Serving!;
        seen.Forget();

        var start = Stopwatch.GetTimestamp();
        await test.Node.Client.Containers.KillAsync(up.ContainerId!, signal: null, Token);
        var dead = await seen.SeesAsync(
            each => each.Tasks.Any(task => task.Id == up.Id && task.Phase is TaskPhase.Failed), "dead");
        var took = Stopwatch.GetElapsedTime(start);

        Assert.Equal(137, dead.Tasks.First(task => task.Id == up.Id).ExitCode);
        Assert.Null(dead.Serving);
        Assert.True(took < TimeSpan.FromSeconds(1), $"it took {took}");
        var next = await seen.SeesAsync(each => each.Serving is { } other && other.Id != up.Id, "replaced");
        Assert.Equal("awake\n", await SwarmFixture.ReachesAsync(next.Serving!.Address!));
    }

    [Fact]
    public async Task A_container_that_is_frozen_stays_a_running_task_and_is_seen_frozen()
    {
        await using var test = new SwarmFixture(await swarm.GetAsync());
        await test.DeployAsync("dozing", replicas: 1);
        using var seen = await test.WatchAsync("dozing");
        var up = (await seen.SeesAsync(each => each.Serving is not null, "serving")).Serving!;
        Assert.Equal("awake\n", await SwarmFixture.ReachesAsync(up.Address!));

        Assert.IsType<ScaleOutcome.Done>(await test.Scaler.PauseAsync(up.ContainerId!, Token));
        Assert.IsType<ScaleOutcome.Done>(await test.Scaler.PauseAsync(up.ContainerId!, Token));
        await seen.SeesAsync(each => each.Serving is { IsPaused: true }, "frozen");

        // Known again to a gateway that begins now.
        await using (var later = new SwarmFixture(test.Node))
        {
            using var again = await later.WatchAsync("dozing");
            Assert.True(again.Seen[0].Serving is { IsPaused: true });
        }

        seen.Forget();
        Assert.IsType<ScaleOutcome.Done>(await test.Scaler.UnpauseAsync(up.ContainerId!, Token));
        Assert.IsType<ScaleOutcome.Done>(await test.Scaler.UnpauseAsync(up.ContainerId!, Token));
        await seen.SeesAsync(each => each.Serving is { IsPaused: false }, "thawed");
        Assert.Equal("awake\n", await SwarmFixture.ReachesAsync(up.Address!));
    }
}
