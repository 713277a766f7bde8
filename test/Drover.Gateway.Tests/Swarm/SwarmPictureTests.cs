using Drover.Core.Agents;
using Drover.Gateway.Swarm;
using Drover.Runtime.Docker;
using Drover.Runtime.Docker.Events;
using Drover.Runtime.Docker.Swarm;

namespace Drover.Gateway.Tests.Swarm;

/// <summary>What is made of answers and events that come in the order in which the world sends them.</summary>
public sealed class SwarmPictureTests
{
    private static readonly HashSet<string> Watched = ["scout"];
    private readonly SwarmPicture _picture = new();

    [Fact]
    public void An_answer_that_was_asked_for_before_an_event_does_not_overrule_it()
    {
        Hear("start");
        var asked = _picture.Moment;
        Hear("pause");

        Learn(asked, "running", Running(isPaused: false));
        Assert.True(_picture.Observe("scout").Serving is { IsPaused: true });

        Learn(_picture.Moment, "running", Running(isPaused: false));
        Assert.True(_picture.Observe("scout").Serving is { IsPaused: false });
    }

    [Fact]
    public void A_start_that_came_while_the_list_was_made_is_not_taken_for_an_end()
    {
        var asked = _picture.Moment;
        Hear("start");

        Learn(asked, "starting");

        Assert.True(_picture.Observe("scout").Serving is { HasStarted: true });
    }

    [Fact]
    public void A_container_that_is_over_stays_so_whatever_an_older_answer_says()
    {
        Hear("start");
        Hear("die", ("exitCode", "137"));

        Learn(_picture.Moment, "running", Running(isPaused: false));

        Assert.True(
            _picture.Observe("scout") is { Serving: null, Tasks: [{ Phase: TaskPhase.Failed, ExitCode: 137 }] });
    }

    [Fact]
    public void A_container_that_is_not_listed_any_more_has_ended_though_nobody_said_so()
    {
        Hear("start");
        Learn(_picture.Moment, "running", Running(isPaused: false));
        Assert.NotNull(_picture.Observe("scout").Serving);

        Learn(_picture.Moment, "running");

        Assert.Null(_picture.Observe("scout").Serving);
    }

    [Fact]
    public void What_the_kernel_killed_for_want_of_memory_says_so()
    {
        Hear("start");
        Learn(_picture.Moment, "running", Running(isPaused: false));
        Hear("oom");
        Assert.NotNull(_picture.Observe("scout").Serving);

        Hear("die", ("exitCode", "137"));

        Assert.Contains("memory", _picture.Observe("scout").Tasks[0].Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("running", "running", 1, false)]
    [InlineData("running", "running", 0, true)]
    [InlineData("starting", "running", 1, true)]
    [InlineData("running", "remove", 0, true)]
    [InlineData("shutdown", "remove", 0, false)]
    [InlineData("failed", "shutdown", 1, true)]
    public void A_service_is_on_its_way_until_what_runs_is_what_should(
        string state, string desired, int replicas, bool isUnsettled)
    {
        _picture.Apply(Listing(_picture.Moment, Task(state) with { DesiredState = desired }, replicas), Watched);

        Assert.Equal(isUnsettled, _picture.Unsettled().Count == 1);
    }

    [Theory]
    [InlineData("any", null, null)]
    [InlineData("any", 0L, null)]
    [InlineData("any", 3L, 3L)]
    [InlineData("on-failure", 2L, 2L)]
    [InlineData("none", null, 0L)]
    public void How_often_Swarm_restarts_is_what_the_owner_said(string condition, long? attempts, long? expected)
    {
        var service = Service(replicas: 1);
        _picture.Apply(
            new SwarmListing
            {
                Asked = 0,
                Services =
                [
                    service with
                    {
                        Spec = service.Spec with
                        {
                            TaskTemplate = new TaskSpec
                            {
                                RestartPolicy = new() { Condition = condition, MaxAttempts = attempts },
                                Resources = new() { Limits = new() { MemoryBytes = 64 << 20 } },
                            },
                        },
                    },
                ],
            },
            Watched);

        var observed = _picture.Observe("scout");
        Assert.Equal((expected, 64L << 20), (observed.MaxAttempts, observed.MemoryLimit));
    }

    [Fact]
    public void A_service_that_nobody_watches_is_not_kept()
    {
        Learn(0, "running", Running(isPaused: false));

        _picture.Apply(Listing(1, Task("running"), replicas: 1), new HashSet<string>());

        Assert.False(_picture.IsKnown("scout"));
        Assert.Null(_picture.IdOf("scout"));
    }

    private static ContainerFact Running(bool isPaused) =>
        new("task", "c0ffee") { HasStarted = true, IsPaused = isPaused };

    private void Learn(long asked, string state, params ContainerFact[] containers) => _picture.Apply(
        Listing(asked, Task(state), replicas: 1) with { Containers = containers }, Watched);

    private void Hear(string action, params (string Name, string Value)[] attributes) => _picture.Apply(
        new DockerEvent(
            "container",
            action,
            null,
            "c0ffee",
            attributes.Append((SwarmPicture.TaskIdLabel, "task")).ToDictionary(each => each.Item1, each => each.Item2),
            new EngineTimestamp(1, 0)));

    private static SwarmListing Listing(long asked, SwarmTask task, int replicas) => new()
    {
        Asked = asked,
        Place = new GatewayPlace { NodeId = "here" },
        Services = [Service(replicas)],
        Tasks = [task],
        Bridge = new Dictionary<string, string> { ["c0ffee"] = "10.214.0.2" },
    };

    private static Service Service(int replicas) => new()
    {
        Id = "svc",
        Spec = new ServiceSpec
        {
            Name = "scout",
            Mode = new ServiceMode { Replicated = new ReplicatedMode { Replicas = replicas } },
        },
    };

    private static SwarmTask Task(string state) => new()
    {
        Id = "task",
        ServiceId = "svc",
        NodeId = "here",
        DesiredState = "running",
        Status = new SwarmTaskStatus { State = state, ContainerStatus = new TaskContainer { ContainerId = "c0ffee" } },
    };
}
