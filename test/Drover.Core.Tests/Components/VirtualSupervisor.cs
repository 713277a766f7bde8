using System.Globalization;
using System.Text;
using Drover.Core.Components;
using Drover.Core.Health;

namespace Drover.Core.Tests.Components;

/// <summary>
/// Carries out effects in virtual time, with processes that live as long as the script says, and keeps a log.
/// </summary>
internal sealed class VirtualSupervisor(ComponentSpec spec, Func<long, (TimeSpan Life, EndCause End)> script)
{
    private readonly PriorityQueue<Input, (TimeSpan At, long Order)> _queue = new();
    private readonly StringBuilder _log = new();
    private HealthState _health = HealthState.Initial;
    private long _order;

    internal Component Component { get; private set; } = new(new ComponentId("web"), spec, ComponentRuntime.Initial);

    internal TimeSpan Now { get; private set; }

    internal string Log => _log.ToString();

    internal void Send(Input input) => _queue.Enqueue(input, (input.Now, ++_order));

    internal void RunUntil(TimeSpan end, Func<bool>? done = null)
    {
        while (done?.Invoke() != true && _queue.TryPeek(out _, out var key) && key.At <= end)
        {
            var input = _queue.Dequeue();
            Now = input.Now;
            var before = Component.Runtime.State;
            var transition = ComponentMachine.Decide(Component, input);
            Component = transition.Next;
            foreach (var effect in transition.Effects)
            {
                CarryOut(effect);
            }

            if (Component.Runtime.State != before)
            {
                Write($"-> {Component.Runtime.State.ToString().ToLowerInvariant()}");
            }
        }
    }

    private void CarryOut(Effect effect)
    {
        switch (effect)
        {
            case Effect.Launch launch:
                var (life, end) = script(launch.Instance);
                Write($"launch #{launch.Instance}");
                if (end is EndCause.FailedStart or EndCause.LoaderError)
                {
                    Send(new Input.LaunchFailed(Now, launch.Instance, end));
                    break;
                }

                Send(new Input.Launched(Now, launch.Instance));
                Send(new Input.Exited(Now + life, launch.Instance, end));
                break;
            case Effect.Signal signal:
                Write($"{signal.Name} #{signal.Instance}");
                break;
            case Effect.Kill kill:
                Write($"kill #{kill.Instance}");
                Send(new Input.Exited(Now, kill.Instance, new EndCause.Signal("SIGKILL")));
                break;
            case Effect.Wake wake:
                Send(new Input.Woke(wake.At, wake.Epoch));
                break;
            case Effect.TellHealth tell:
                TellHealth(tell.Input);
                break;
            case Effect.Emit emit:
                Write(emit.Type.Name + string.Concat(emit.Fields.Select(field => $" {field.Name}=\"{field.Value}\"")));
                break;
            default:
                throw new InvalidOperationException($"no way to carry out {effect}");
        }
    }

    private void TellHealth(HealthInput input)
    {
        var transition = HealthMachine.Decide(Component.Spec.Health, _health, input);
        _health = transition.Next;
        foreach (var effect in transition.Effects)
        {
            switch (effect)
            {
                case HealthEffect.BecameReady ready:
                    Send(new Input.BecameReady(Now, ready.Instance));
                    break;
                case HealthEffect.BecameUnready unready:
                    Send(new Input.BecameUnready(Now, unready.Instance, unready.Message));
                    break;
            }
        }
    }

    private void Write(string line) =>
        _log.Append(CultureInfo.InvariantCulture, $"{Now.TotalSeconds,9:F3}  {line}\n");
}
