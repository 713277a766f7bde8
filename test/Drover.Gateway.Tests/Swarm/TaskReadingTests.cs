using Drover.Core.Agents;
using Drover.Gateway.Swarm;
using Drover.Runtime.Docker.Swarm;

namespace Drover.Gateway.Tests.Swarm;

public sealed class TaskReadingTests
{
    private const string ContainerId = "c0ffee";
    private static readonly GatewayPlace Attached = new()
    {
        NodeId = "here",
        Networks = new HashSet<string> { "net-agents", "net-ingress" },
    };

    private static readonly GatewayPlace OnTheHost = new() { NodeId = "here" };

    [Theory]
    [InlineData("new", TaskPhase.Pending)]
    [InlineData("allocated", TaskPhase.Pending)]
    [InlineData("pending", TaskPhase.Pending)]
    [InlineData("assigned", TaskPhase.Preparing)]
    [InlineData("accepted", TaskPhase.Preparing)]
    [InlineData("preparing", TaskPhase.Preparing)]
    [InlineData("ready", TaskPhase.Preparing)]
    [InlineData("starting", TaskPhase.Preparing)]
    [InlineData("running", TaskPhase.Running)]
    [InlineData("complete", TaskPhase.Ended)]
    [InlineData("shutdown", TaskPhase.Ended)]
    [InlineData("remove", TaskPhase.Ended)]
    [InlineData("failed", TaskPhase.Failed)]
    [InlineData("rejected", TaskPhase.Failed)]
    [InlineData("orphaned", TaskPhase.Failed)]
    public void Each_of_Swarms_states_is_a_phase(string state, TaskPhase phase)
    {
        Assert.Equal(phase, Read(Task(state)).Phase);
    }

    [Theory]
    [InlineData("running", true)]
    [InlineData("ready", true)]
    [InlineData("shutdown", false)]
    [InlineData("remove", false)]
    public void A_task_is_wanted_until_Swarm_wants_it_to_end(string desired, bool isWanted)
    {
        Assert.Equal(isWanted, Read(Task("running") with { DesiredState = desired }).IsWanted);
    }

    [Fact]
    public void A_started_container_makes_a_task_up_before_Swarm_says_running()
    {
        var read = Read(Task("starting"), Started());

        Assert.True(read is { IsUp: true, HasStarted: true, Phase: TaskPhase.Preparing, ContainerId: ContainerId });
        Assert.False(Read(Task("starting")).IsUp);
    }

    [Theory]
    [InlineData("running", 137, TaskPhase.Failed)]
    [InlineData("running", 0, TaskPhase.Ended)]
    [InlineData("shutdown", 137, TaskPhase.Ended)]
    public void An_ended_container_ends_its_task_before_Swarm_says_so(string desired, int code, TaskPhase phase)
    {
        var task = Task("running") with { DesiredState = desired };

        var read = Read(task, Started() with { IsOver = true, ExitCode = code });

        Assert.Equal((phase, (int?)code, false), (read.Phase, read.ExitCode, read.IsUp));
    }

    [Fact]
    public void Why_a_task_failed_is_said_in_Swarms_words_or_before_them_in_the_same()
    {
        var over = Started() with { IsOver = true, ExitCode = 3 };
        Assert.Equal("task: non-zero exit (3)", Read(Task("running"), over).Error);
        Assert.Equal("No such image: x:1", Read(Task("rejected", "No such image: x:1")).Error);
        Assert.Equal("no suitable node (1 node)", Read(Task("pending", "no suitable node (1 node)")).Error);
        Assert.Contains(
            "memory",
            Read(Task("failed", "task: non-zero exit (137)"), Started() with { IsOver = true, RanOutOfMemory = true })
                .Error,
            StringComparison.Ordinal);
        Assert.Null(Read(Task("running")).Error);
    }

    [Fact]
    public void A_task_that_never_ran_has_no_exit_code()
    {
        Assert.Null(Read(Task("rejected", "No such image: x:1")).ExitCode);
        Assert.Null(Read(Task("running")).ExitCode);
    }

    [Fact]
    public void The_address_is_the_tasks_own_in_the_network_that_both_are_attached_to_and_never_the_meshs()
    {
        Assert.Equal("10.0.1.7", Read(Task("running")).Address);
    }

    [Theory]
    [InlineData("other")]
    [InlineData("net-other")]
    public void A_network_that_the_user_names_wins_by_name_or_id(string chosen)
    {
        Assert.Equal("10.0.2.9", Read(Task("running"), place: Attached with { Chosen = chosen }).Address);
    }

    [Fact]
    public void On_the_host_the_address_is_the_one_on_its_own_bridge()
    {
        Assert.Equal("172.18.0.5", TaskReading.Read(Task("running"), Started(), OnTheHost, "172.18.0.5").Address);
        var chosen = Attached with { Chosen = GatewayPlace.Bridge };
        Assert.Equal("172.18.0.5", TaskReading.Read(Task("running"), Started(), chosen, "172.18.0.5").Address);
    }

    [Fact]
    public void A_task_that_cannot_be_reached_says_what_is_missing()
    {
        var alone = Attached with { Networks = new HashSet<string>() };
        Assert.Contains("shares no network", Read(Task("running"), place: alone).Error, StringComparison.Ordinal);
        Assert.Contains(
            "\"missing\"", Read(Task("running"), place: Attached with { Chosen = "missing" }).Error,
            StringComparison.Ordinal);
        Assert.Contains(
            "another node", Read(Task("running") with { NodeId = "there" }, place: OnTheHost).Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_task_is_local_on_the_node_of_the_engine_that_the_gateway_talks_to()
    {
        Assert.True(Read(Task("running")).IsLocal);
        Assert.False(Read(Task("running") with { NodeId = "there" }).IsLocal);
        Assert.False(Read(Task("pending") with { NodeId = "" }, place: Attached with { NodeId = "" }).IsLocal);
    }

    private static ContainerFact Started() => new("task", ContainerId) { HasStarted = true };

    private static TaskObservation Read(SwarmTask task, ContainerFact? fact = null, GatewayPlace? place = null) =>
        TaskReading.Read(task, fact, place ?? Attached, bridgeAddress: null);

    private static SwarmTask Task(string state, string? error = null) => new()
    {
        Id = "task",
        NodeId = "here",
        DesiredState = "running",
        Status = new SwarmTaskStatus { State = state, Err = error },
        Networks =
        [
            Network("net-ingress", "ingress", "10.0.0.3/24", isIngress: true),
            Network("net-other", "other", "10.0.2.9/24"),
            Network("net-agents", "agents", "10.0.1.7/24"),
        ],
    };

    private static TaskNetwork Network(string id, string name, string address, bool isIngress = false) => new()
    {
        Network = new TaskNetworkIdentity
        {
            Id = id,
            Spec = new TaskNetworkName { Name = name, Ingress = isIngress },
        },
        Addresses = [address],
    };
}
