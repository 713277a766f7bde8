using System.Globalization;
using System.Text;
using Drover.Core.Agents;

namespace Drover.Core.Tests.Agents;

/// <summary>
/// Leads one agent in virtual time: timers go off when they are due, there is always room, fences stand at once. What
/// Swarm, probes and orders come to is the test's to say. Keeps a log.
/// </summary>
internal sealed class LedAgent
{
    private readonly StringBuilder _log = new();
    private readonly List<AgentEffect> _effects = [];

    internal LedAgent(AgentSpec? spec = null) =>
        Agent = new Agent(spec ?? new AgentSpec { Policy = AgentPolicy.OnDemand }, AgentRuntime.Initial);

    internal Agent Agent { get; private set; }

    internal AgentRuntime Runtime => Agent.Runtime;

    internal TimeSpan Now { get; private set; }

    internal string Log => _log.ToString();

    /// <summary>How it is used; <see cref="Touched"/> says since when not.</summary>
    internal int Open { get; set; }

    internal int WebSockets { get; set; }

    internal TimeSpan Touched { get; set; }

    /// <summary>What happens right after the fence was ordered.</summary>
    internal Action OnFence { get; set; } = () => { };

    internal ServiceObservation Service { get; private set; } = new() { ServiceId = "s1" };

    internal IReadOnlyList<AgentEffect> Effects => _effects;

    internal IEnumerable<string> Events => _effects.OfType<AgentEffect.Emit>().Select(emit => emit.Type.Name);

    internal IEnumerable<int> Scales => _effects.OfType<AgentEffect.Scale>().Select(scale => scale.Replicas);

    internal T Last<T>()
        where T : AgentEffect => _effects.OfType<T>().Last();

    internal static TaskObservation Task(
        int number, TaskPhase phase = TaskPhase.Running, bool isWanted = true) => new()
        {
            Id = $"t{number}",
            Phase = phase,
            IsWanted = isWanted,
            Address = $"10.0.1.{number}",
            ContainerId = $"c{number}",
            IsLocal = true,
            HasStarted = phase is TaskPhase.Running,
        };

    internal void See(int replicas, params IReadOnlyList<TaskObservation> tasks) =>
        See(Service with { ServiceId = "s1", Replicas = replicas, Tasks = tasks });

    internal void See(ServiceObservation service)
    {
        Service = service;
        Send(new AgentInput.Seen(Now, service));
    }

    internal void Want(WakeCause cause = WakeCause.Request) => Send(new AgentInput.WakeWanted(Now, cause));

    internal void Rest(SleepCause cause) => Send(new AgentInput.SleepWanted(Now, cause));

    /// <summary>The order under way comes to this.</summary>
    internal void Order(OrderOutcome outcome = OrderOutcome.Done, string reason = "") =>
        Send(new AgentInput.Ordered(Now, Runtime.Order!.Number, outcome, reason));

    /// <summary>The probe under way finds this.</summary>
    internal void Probe(bool isGood, string message = "refused") =>
        Send(new AgentInput.Probed(Now, Runtime.Probe!.Number, isGood, message));

    internal void Send(AgentInput input)
    {
        var before = Runtime.State;
        var transition = AgentMachine.Decide(Agent, input with
        {
            Usage = new AgentUsage(Open, WebSockets, Open > WebSockets ? TimeSpan.Zero : Now - Touched),
        });
        Agent = transition.Next;
        _effects.AddRange(transition.Effects);
        foreach (var effect in transition.Effects)
        {
            Note(effect);
        }

        if (Runtime.State != before)
        {
            Write($"-> {Runtime.State.ToString().ToLowerInvariant()}");
        }

        foreach (var effect in transition.Effects)
        {
            Answer(effect);
        }
    }

    /// <summary>Time passes, and what is due happens at its instant.</summary>
    internal void Pass(TimeSpan by)
    {
        var end = Now + by;
        while (Agent.NextAt is { } at && at <= end)
        {
            Now = at > Now ? at : Now;
            Send(new AgentInput.Ticked(Now));
            Assert.True(Agent.NextAt is not { } next || next > Now, $"nothing came of what was due: {Runtime}");
        }

        Now = end;
    }

    /// <summary>A task comes up as Swarm brings it, and serves.</summary>
    internal void BringUp(int number)
    {
        Order();
        See(1, Task(number, TaskPhase.Preparing));
        Pass(TimeSpan.FromMilliseconds(400));
        See(1, Task(number));
        Probe(isGood: true);
    }

    private void Answer(AgentEffect effect)
    {
        switch (effect)
        {
            case AgentEffect.Admit admit:
                Send(new AgentInput.Admitted(Now, admit.Number));
                break;
            case AgentEffect.RaiseFence fence:
                OnFence();
                Send(new AgentInput.Fenced(Now, fence.Number, Open == 0));
                break;
            case AgentEffect.CloseSockets close:
                Open -= WebSockets;
                WebSockets = 0;
                Send(new AgentInput.SocketsClosed(Now, close.Number));
                break;
            default:
                break;
        }
    }

    private void Note(AgentEffect effect)
    {
        switch (effect)
        {
            case AgentEffect.Scale scale:
                Write($"scale {scale.Replicas}");
                break;
            case AgentEffect.Pause pause:
                Write($"pause {pause.ContainerId}");
                break;
            case AgentEffect.Unpause unpause:
                Write($"unpause {unpause.ContainerId}");
                break;
            case AgentEffect.Probe probe:
                Write($"probe {probe.Task.Id}");
                break;
            case AgentEffect.Emit emit:
                Write(emit.Type.Name + string.Concat(emit.Details.Select(one => $" {one.Name}=\"{one.Value}\"")));
                break;
            case AgentEffect.AnswerSleep answer:
                Write($"answer: {answer.Refusal ?? "asleep"}");
                break;
            default:
                Write(effect.GetType().Name.ToLowerInvariant());
                break;
        }
    }

    private void Write(string line) =>
        _log.Append(CultureInfo.InvariantCulture, $"{Now.TotalSeconds,9:F3}  {line}\n");
}
