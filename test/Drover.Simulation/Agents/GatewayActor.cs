using Drover.Core.Agents;

namespace Drover.Simulation.Agents;

/// <summary>
/// Leads one agent as a gateway does, with clients that use it: every effect takes its time, and each of them is held
/// against what must never be.
/// </summary>
internal sealed class GatewayActor
{
    private readonly World _world;
    private readonly SwarmActor _swarm;
    private Agent _agent;
    private AgentEffect.Order? _order;
    private long _fence;
    private long _timer;
    private bool _isFenced;
    private bool _isWoken;
    private int _open;
    private int _sockets;
    private TimeSpan _touched;
    private TimeSpan _startingSince;

    internal GatewayActor(World world, SwarmActor swarm, AgentSpec spec)
    {
        _world = world;
        _swarm = swarm;
        _agent = new Agent(spec, AgentRuntime.Initial);
        swarm.Observer = service => Feed(new AgentInput.Seen(_world.Now, service));
    }

    internal AgentRuntime Runtime => _agent.Runtime;

    internal int Wakes { get; private set; }

    internal int Served { get; private set; }

    internal int Sleepers { get; private set; }

    internal bool IsUsed => _open > 0;

    /// <summary>A client comes: it is served, or it wakes the agent.</summary>
    internal void Request()
    {
        if (!Runtime.IsRouted || _isFenced)
        {
            _world.Require(!Runtime.IsRouted || Runtime.Phase is AgentPhase.Serving, "a view leads to a fence");
            Feed(new AgentInput.WakeWanted(_world.Now, WakeCause.Request));
            return;
        }

        var task = _swarm.Find(Runtime.Target!.Id);
        var isKnown = _swarm.IsReachable && _world.Now - _swarm.ReachableSince > TimeSpan.FromSeconds(1);
        var isGone = task?.EndedAt is { } ended && _world.Now - ended > TimeSpan.FromSeconds(0.5);
        _world.Require(!isKnown || !isGone, $"a request goes to {Runtime.Target.Id}, which is gone");
        Served++;
        var isSocket = _world.Happens(0.2);
        _open++;
        _sockets += isSocket ? 1 : 0;
        _touched = _world.Now;
        _world.After(_world.UpTo(_world.Pick(0.1, 5, 90)), () => EndWork(isSocket));
    }

    internal void Sleep(SleepCause cause)
    {
        Sleepers++;
        Feed(new AgentInput.SleepWanted(_world.Now, cause));
    }

    internal void Wake() => Feed(new AgentInput.WakeWanted(_world.Now, WakeCause.Operator));

    private void EndWork(bool isSocket)
    {
        if (isSocket && _sockets == 0)
        {
            // The gateway has closed it.
            return;
        }

        _open--;
        _sockets -= isSocket ? 1 : 0;
        _touched = _world.Now;
        TellDrained();
    }

    private void Feed(AgentInput input)
    {
        var before = Runtime.State;
        var transition = AgentMachine.Decide(_agent, input with
        {
            Now = _world.Now,
            Usage = new AgentUsage(_open, _sockets, _open > _sockets ? TimeSpan.Zero : _world.Now - _touched),
        });
        _agent = transition.Next;
        _world.Note($"{input.GetType().Name} -> {Runtime.Phase} {Runtime.State} {Runtime.Fault?.Message}");
        if (Runtime.State is AgentState.Starting && before is not AgentState.Starting)
        {
            _startingSince = _world.Now;
        }

        _isWoken = _isWoken && Runtime.State is AgentState.Starting;
        foreach (var effect in transition.Effects)
        {
            CarryOut(effect);
        }

        Check();
        SetTimer();
    }

    private void Check()
    {
        var runtime = Runtime;
        _world.Require(!runtime.IsRouted || !_isFenced, "routed means that no fence stands");
        _world.Require(
            runtime.State is not AgentState.Starting || runtime.Phase is AgentPhase.Unseen
                || _world.Now - _startingSince < TimeSpan.FromSeconds(150),
            "every wake ends");
    }

    private void SetTimer()
    {
        var epoch = ++_timer;
        if (_agent.NextAt is { } at)
        {
            _world.At(at, () =>
            {
                if (epoch == _timer)
                {
                    Feed(new AgentInput.Ticked(_world.Now));
                    _world.Require(_agent.NextAt is not { } next || next > _world.Now, "time that is due passes");
                }
            });
        }
    }

    private void CarryOut(AgentEffect effect)
    {
        switch (effect)
        {
            case AgentEffect.Order order:
                Order(order);
                break;
            case AgentEffect.Admit admit:
                _world.After(_world.UpTo(0.2), () => Feed(_world.Happens(0.9)
                    ? new AgentInput.Admitted(default, admit.Number)
                    : new AgentInput.Denied(default, admit.Number, "full")));
                break;
            case AgentEffect.Probe probe:
                _world.After(_world.UpTo(0.1), () => Feed(new AgentInput.Probed(
                    default, probe.Number, _swarm.Find(probe.Task.Id) is { Answers: true }, "refused")));
                break;
            case AgentEffect.RaiseFence fence:
                (_isFenced, _fence) = (true, fence.Number);
                var isDrained = _open == 0;
                _world.After(TimeSpan.Zero, () => Feed(new AgentInput.Fenced(default, fence.Number, isDrained)));
                break;
            case AgentEffect.LiftFence:
                _isFenced = false;
                break;
            case AgentEffect.CloseSockets close:
                _world.After(_world.UpTo(2), () => CloseSockets(close.Number));
                break;
            case AgentEffect.AnswerSleep:
                Sleepers = 0;
                break;
            default:
                break;
        }
    }

    private void CloseSockets(long number)
    {
        _open -= _sockets;
        _sockets = 0;
        _touched = _world.Now;
        TellDrained();
        Feed(new AgentInput.SocketsClosed(default, number));
    }

    private void TellDrained()
    {
        if (_isFenced && _open == 0)
        {
            var fence = _fence;
            _world.After(TimeSpan.Zero, () => Feed(new AgentInput.Drained(default, fence)));
        }
    }

    private void Order(AgentEffect.Order order)
    {
        _world.Require(_order is null, $"one order at a time, not {order} beside {_order}");
        CheckOrder(order);
        _order = order;
        _world.After(_world.UpTo(0.1), () =>
        {
            _order = null;
            if (!_swarm.IsReachable)
            {
                // It may have been carried out all the same.
                if (_world.Happens(0.3))
                {
                    Do(order);
                }

                Feed(new AgentInput.Ordered(default, order.Number, OrderOutcome.Unreachable, "away"));
                return;
            }

            Do(order);
            Feed(new AgentInput.Ordered(default, order.Number, OrderOutcome.Done, ""));
        });
    }

    private void CheckOrder(AgentEffect.Order order)
    {
        switch (order)
        {
            case AgentEffect.Scale { Replicas: 0 }:
                var sleep = Runtime.Sleep!;
                _world.Require(
                    sleep.Cause is SleepCause.Operator || _open == 0 || _open == _sockets,
                    $"no sleep for {sleep.Cause} with {_open} open");
                break;
            case AgentEffect.Scale:
                _world.Require(!_isWoken, "one order is enough for a wake");
                Wakes++;
                break;
            case AgentEffect.Pause:
                _world.Require(_open == 0, $"nothing is frozen with {_open} open");
                break;
        }
    }

    private void Do(AgentEffect.Order order)
    {
        switch (order)
        {
            case AgentEffect.Scale scale:
                _isWoken = scale.Replicas > 0 && _swarm.IsReachable;
                _swarm.Scale(scale.Replicas);
                break;
            case AgentEffect.Pause pause:
                _swarm.Pause(pause.ContainerId, isPaused: true);
                break;
            case AgentEffect.Unpause unpause:
                _swarm.Pause(unpause.ContainerId, isPaused: false);
                break;
        }
    }
}
