using Drover.Core.Health;
using Drover.Runtime.Probing;
using Drover.Runtime.Probing.Rpc;
using Drover.Runtime.Processes;
using Drover.Testing.Time;

namespace Drover.Runtime.Tests.Probing;

/// <summary>"Is the worker polling?" against a server that describes task queues as Temporal does.</summary>
public sealed class TemporalProbeTests
{
    // Beyond any number that Linux gives (4194304): whoever had it is gone.
    private const int DeadPid = 4194305;

    private static readonly TimeSpan InstanceAge = TimeSpan.FromMinutes(10);
    private static readonly string Host = File.ReadAllText("/proc/sys/kernel/hostname").Trim();

    private readonly FakeClock _clock = new();

    [Fact]
    public async Task A_worker_that_is_the_instance_and_polled_lately_is_a_success()
    {
        await using var temporal = await Describing(Seen($"{Pid}@{Host}", seconds: 70));

        (await Ask(temporal)).Succeeded($"worker \"{Pid}@{Host}\" polled 1m10s ago");
    }

    [Fact]
    public async Task A_worker_that_the_instances_command_started_and_that_names_its_task_queue_counts_too()
    {
        // This process is not the leader of its session; Go's library adds the task queue.
        var identity = $"{Environment.ProcessId}@{Host.Split('.')[0]}@jobs@";
        await using var temporal = await Describing(Seen(identity, seconds: 1));

        (await Ask(temporal)).Succeeded($"worker \"{identity}\" polled 1s ago");
    }

    [Fact]
    public async Task Temporal_is_asked_for_the_configured_queue_with_its_own_method()
    {
        var asked = new TaskCompletionSource<(string, byte[])>();
        await using var temporal = await LoopbackServer.StartGrpcAsync((path, request) =>
        {
            asked.TrySetResult((path, request));
            return GrpcScript.Message([]);
        });
        var target = Queue(temporal) with { Namespace = "shop", Kind = TaskQueueKind.Activity };

        (await Ask(target)).Failed("no worker polls the activity task queue \"jobs\" of namespace \"shop\"");
        var (path, request) = await asked.Task;
        Assert.Equal("/temporal.api.workflowservice.v1.WorkflowService/DescribeTaskQueue", path);
        Assert.Equal(TaskQueueMessages.Request("shop", "jobs", TaskQueueKind.Activity), request);
    }

    [Fact]
    public async Task A_dead_worker_that_temporal_still_remembers_does_not_count()
    {
        await using var temporal = await Describing(
            Seen($"{DeadPid}@{Host}", seconds: 5), Seen($"{Pid}@elsewhere", seconds: 6), Seen("nonsense", seconds: 7));

        (await Ask(temporal)).Failed(
            "3 pollers of the workflow task queue \"jobs\" of namespace \"default\", and none is this instance "
            + $"({Pid}@{Host}); seen: \"{DeadPid}@{Host}\", \"{Pid}@elsewhere\", \"nonsense\". "
            + "If one of them is meant, give its identity");
    }

    [Fact]
    public async Task A_worker_that_has_not_polled_for_longer_than_max_age_is_a_failure()
    {
        await using var temporal = await Describing(Seen($"{Pid}@{Host}", seconds: 91));

        (await Ask(temporal)).Failed(
            $"worker \"{Pid}@{Host}\" polled the workflow task queue \"jobs\" of namespace \"default\" "
            + "1m31s ago, longer than 1m30s: it hangs, or all its slots are busy");
        (await Ask(Queue(temporal) with { MaxAge = TimeSpan.FromMinutes(2) })).Succeeded();
    }

    [Fact]
    public async Task A_poll_of_the_instance_before_this_one_does_not_make_this_one_ready()
    {
        await using var temporal = await Describing(Seen("worker-1", seconds: 30));
        var target = Queue(temporal) with { Identity = "^worker-[0-9]$" };

        (await Ask(target)).Succeeded("worker \"worker-1\" polled 30s ago");
        (await Ask(target, Instance with { StartedAt = _clock.GetUtcNow() - TimeSpan.FromSeconds(20) })).Failed(
            "worker \"worker-1\" polled the workflow task queue \"jobs\" of namespace \"default\" 30s ago, "
            + "before this instance began, and not since");
    }

    [Fact]
    public async Task The_latest_of_several_pollers_that_match_decides()
    {
        await using var temporal = await Describing(
            Seen("worker-1", seconds: 299), Seen("worker-2", seconds: 3), Seen("worker-3", seconds: 200));

        (await Ask(Queue(temporal) with { Identity = "worker" })).Succeeded("worker \"worker-2\" polled 3s ago");
    }

    [Fact]
    public async Task A_configured_identity_that_nobody_has_is_named()
    {
        await using var temporal = await Describing(Seen("worker-1\u001b[2J", seconds: 3));

        (await Ask(Queue(temporal) with { Identity = "^runner" })).Failed(
            "1 pollers of the workflow task queue \"jobs\" of namespace \"default\", and none matches /^runner/; "
            + "seen: \"worker-1[2J\"");
    }

    [Fact]
    public async Task A_worker_in_a_container_is_known_by_the_containers_host_name()
    {
        await using var temporal = await Describing(Seen("1@0123456789ab", seconds: 3));
        var container = new ProbeSubject(1, null, "0123456789abcdef0123", ProbeBench.LongAgo);

        (await Ask(Queue(temporal), container)).Succeeded("worker \"1@0123456789ab\" polled 3s ago");
    }

    [Fact]
    public async Task An_external_component_needs_an_identity()
    {
        await using var temporal = await Describing(Seen("worker-1", seconds: 3));

        (await Ask(Queue(temporal), ProbeBench.Nothing))
            .Erred("cannot tell which worker is meant: nothing was started here; give an identity");
    }

    [Fact]
    public async Task What_temporal_says_against_it_is_told()
    {
        await using var temporal = await LoopbackServer.StartGrpcAsync(
            (_, _) => GrpcScript.Refusal(5, "Namespace shop is not found."));
        await using var other = await LoopbackServer.StartGrpcAsync((_, _) => GrpcScript.Refusal(12, ""));
        await using var broken = await LoopbackServer.StartGrpcAsync((_, _) => GrpcScript.Message([0x0A, 0x05]));

        (await Ask(temporal)).Failed(
            "Temporal does not describe the workflow task queue \"jobs\" of namespace \"default\": "
            + "NOT_FOUND: Namespace shop is not found.");
        (await Ask(other)).Failed($"the gRPC server at {other.Address} is not Temporal's frontend (UNIMPLEMENTED)");
        (await Ask(broken)).Failed($"{broken.Address} answered something that is no list of pollers");
    }

    [Fact]
    public void It_is_for_readiness_only_because_a_busy_worker_does_not_poll()
    {
        var target = new ProbeTarget.Temporal(new ProbeAddress("127.0.0.1", 7233), "jobs");

        Assert.Null(target.Fault(ProbeKind.Readiness));
        Assert.False(target.AllowedFor(ProbeKind.Liveness));
        Assert.All(
            [ProbeKind.Liveness, ProbeKind.Startup],
            kind => Assert.StartsWith(
                "temporal is for readiness only: ", target.Fault(kind), StringComparison.Ordinal));
    }

    [Fact]
    public void An_age_below_ninety_seconds_and_an_identity_that_is_no_pattern_are_refused()
    {
        var target = new ProbeTarget.Temporal(new ProbeAddress("127.0.0.1", 7233), "jobs");

        Assert.Equal(
            "max_age must be at least 1m30s: an idle worker asks once a minute",
            (target with { MaxAge = TimeSpan.FromSeconds(89) }).Fault(ProbeKind.Readiness));
        Assert.StartsWith(
            "identity is not a pattern that can be used: ",
            (target with { Identity = "(" }).Fault(ProbeKind.Readiness),
            StringComparison.Ordinal);
        Assert.Equal("task_queue must not be empty", (target with { TaskQueue = "" }).Fault(ProbeKind.Readiness));
    }

    /// <summary>The instance leads the session of this process.</summary>
    private static int Pid { get; } = ProcessStat.TryRead(Environment.ProcessId)!.Value.Session;

    private ProbeSubject Instance => new(
        1, new ProcessIdentity(ProcessIdentity.CurrentBootId, Pid, 1, 0), null, _clock.GetUtcNow() - InstanceAge);

    private static ProbeTarget.Temporal Queue(LoopbackServer temporal) => new(temporal.Address, "jobs");

    private Task<ProbeReport> Ask(LoopbackServer temporal) => Ask(Queue(temporal));

    private Task<ProbeReport> Ask(ProbeTarget target, ProbeSubject? subject = null) =>
        target.Make(new ProbeServices(_clock)).AskAsync(subject ?? Instance);

    private Poller Seen(string identity, int seconds) =>
        new(identity, _clock.GetUtcNow() - TimeSpan.FromSeconds(seconds));

    private static Task<LoopbackServer> Describing(params Poller[] pollers)
    {
        var message = new ProtobufWriter();
        foreach (var poller in pollers)
        {
            var access = new ProtobufWriter().Number(1, (ulong)poller.LastAccess.ToUnixTimeSeconds());
            message.Message(1, new ProtobufWriter().Message(1, access).Text(2, poller.Identity));
        }

        return LoopbackServer.StartGrpcAsync((_, _) => GrpcScript.Message(message.ToArray()));
    }
}
