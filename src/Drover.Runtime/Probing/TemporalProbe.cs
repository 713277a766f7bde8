using System.Text.RegularExpressions;
using Drover.Core.Health;
using Drover.Runtime.Configuration;
using Drover.Runtime.Probing.Rpc;

namespace Drover.Runtime.Probing;

public abstract partial record ProbeTarget
{
    /// <summary>
    /// A Temporal worker of this instance asks for work, as the Temporal server sees it. Use it for the readiness of
    /// workers, which have no port. Never for liveness: a worker with all its slots busy does not ask, and an outage of
    /// Temporal would restart every worker.
    /// </summary>
    /// <param name="Address">Temporal's frontend, usually on port 7233.</param>
    /// <param name="TaskQueue">The task queue it works for.</param>
    public sealed record Temporal(ProbeAddress Address, string TaskQueue) : ProbeTarget
    {
        /// <summary>The least and the usual <see cref="MaxAge"/>: an idle worker asks once a minute.</summary>
        public static readonly TimeSpan LeastMaxAge = TimeSpan.FromSeconds(90);

        internal static readonly ProbeType About = new(
            "temporal",
            "DescribeTaskQueue shows a poller that is this instance (identity pid@host, of the process or one that it "
            + "started, or the given pattern), asked for work since the instance began and within max_age.",
            "For workers, which have no port. Startup is better shown by a log line; for liveness use the process or a "
            + "file that the worker touches.")
        {
            AllowedKinds = [ProbeKind.Readiness],
            Restriction = "a worker with all its slots busy does not poll, and an outage of Temporal would restart it",
        };

        /// <summary>Temporal's namespace.</summary>
        public string Namespace { get; init; } = "default";

        /// <summary>Which of the workers of that task queue.</summary>
        public TaskQueueKind Kind { get; init; } = TaskQueueKind.Workflow;

        /// <summary>How long ago it may have begun to ask last.</summary>
        public TimeSpan MaxAge { get; init; } = LeastMaxAge;

        /// <summary>Pattern of the worker's identity; null: its PID and host must be those of the instance.</summary>
        public string? Identity { get; init; }

        /// <inheritdoc/>
        public override ProbeType Type => About;

        internal override IProbe CreateProbe(ProbeServices services) => new TemporalProbe(this, services.Time);

        private protected override string? FaultOfValues() => this switch
        {
            { TaskQueue.Length: 0 } => "task_queue must not be empty",
            { Namespace.Length: 0 } => "namespace must not be empty",
            _ when MaxAge < LeastMaxAge =>
                $"max_age must be at least {DurationText.Format(LeastMaxAge)}: an idle worker asks once a minute",
            { Identity: { } pattern } => LinePattern.Fault("identity", pattern),
            _ => null,
        };
    }
}

/// <summary>
/// Asks Temporal who polls. The server remembers pollers for five minutes after their death, so that only an age and an
/// identity tell a living worker from a dead one of the same name.
/// </summary>
internal sealed class TemporalProbe(ProbeTarget.Temporal target, TimeProvider time) : IProbe
{
    private const int MostBytes = 1024 * 1024;
    private const int MostNamed = 3;

    private readonly byte[] _request = TaskQueueMessages.Request(target.Namespace, target.TaskQueue, target.Kind);
    private readonly Regex? _identity = target.Identity is { } pattern ? LinePattern.Compile(pattern) : null;
    private readonly string _queue =
        $"{(target.Kind is TaskQueueKind.Activity ? "activity" : "workflow")} task queue "
        + $"\"{target.TaskQueue}\" of namespace \"{target.Namespace}\"";

    public string Description => $"temporal {target.Address} {target.TaskQueue}";

    public async ValueTask<ProbeReport> RunAsync(ProbeSubject subject, CancellationToken cancellationToken)
    {
        if (_identity is null && subject is { Process: null, ContainerId: null })
        {
            return ProbeReport.Error("cannot tell which worker is meant: nothing was started here; give an identity");
        }

        var answer = await GrpcCall.UnaryAsync(
            target.Address, TaskQueueMessages.Method, _request, MostBytes, time, cancellationToken);
        return answer switch
        {
            GrpcAnswer.Message message => TaskQueueMessages.Read(message.Body) is { } pollers
                ? Judge(pollers, subject)
                : ProbeReport.Failure($"{target.Address} answered something that is no list of pollers"),
            GrpcAnswer.Refused { Status: GrpcStatus.Unimplemented } =>
                ProbeReport.Failure($"the gRPC server at {target.Address} is not Temporal's frontend (UNIMPLEMENTED)"),
            GrpcAnswer.Refused refused =>
                ProbeReport.Failure($"Temporal does not describe the {_queue}: {GrpcStatus.Words(refused)}"),
            GrpcAnswer.None none => ProbeReport.Failure(none.Why),
            _ => throw new InvalidOperationException("unknown gRPC answer"),
        };
    }

    private ProbeReport Judge(IReadOnlyList<Poller> pollers, ProbeSubject subject)
    {
        var own = _identity is null ? WorkerIdentity.Of(subject) : null;
        var newest = pollers
            .Where(poller => own?.Is(poller.Identity) ?? _identity!.IsMatch(poller.Identity))
            .MaxBy(poller => poller.LastAccess);
        if (newest is null)
        {
            return ProbeReport.Failure(WhyNone(pollers, own));
        }

        var name = ForeignText.OneLine(newest.Identity);
        var age = time.GetUtcNow() - newest.LastAccess;
        var ago = $"{DurationText.Format(TimeSpan.FromSeconds(Math.Max(1, Math.Floor(age.TotalSeconds))))} ago";
        return newest switch
        {
            _ when newest.LastAccess < subject.StartedAt => ProbeReport.Failure(
                $"worker \"{name}\" polled the {_queue} {ago}, before this instance began, and not since"),
            _ when age > target.MaxAge => ProbeReport.Failure(
                $"worker \"{name}\" polled the {_queue} {ago}, longer than {DurationText.Format(target.MaxAge)}: "
                + "it hangs, or all its slots are busy"),
            _ => ProbeReport.Success($"worker \"{name}\" polled {ago}"),
        };
    }

    private string WhyNone(IReadOnlyList<Poller> pollers, WorkerIdentity? own)
    {
        if (pollers.Count == 0)
        {
            return $"no worker polls the {_queue}";
        }

        var seen = pollers
            .OrderByDescending(poller => poller.LastAccess)
            .Take(MostNamed)
            .Select(poller => $"\"{ForeignText.OneLine(poller.Identity)}\"");
        var wanted = own is null ? $"matches /{ForeignText.OneLine(target.Identity!)}/" : $"is this instance ({own})";
        return $"{pollers.Count} pollers of the {_queue}, and none {wanted}; seen: {string.Join(", ", seen)}"
            + (own is null ? "" : ". If one of them is meant, give its identity");
    }
}
