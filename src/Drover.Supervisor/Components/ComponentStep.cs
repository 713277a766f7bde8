using Drover.Core.Components;
using Drover.Core.Health;

namespace Drover.Supervisor.Components;

/// <summary>What is left to be carried out of a step: one of the two.</summary>
internal readonly record struct StepEffect(Effect? OfComponent, HealthEffect? OfHealth);

/// <summary>Where a step ended.</summary>
/// <param name="Component">The component from now on.</param>
/// <param name="Health">Its health from now on.</param>
/// <param name="Effects">What to carry out, in order: launch, signal, kill, timers, probe runs, events.</param>
internal sealed record StepResult(Component Component, HealthState Health, IReadOnlyList<StepEffect> Effects);

/// <summary>
/// Lets both machines of a component answer one input until neither has anything to say to the other. Pure. One step
/// is one record on disk: a supervisor that is killed between two machines that disagree would never bring them
/// together again (a probe that has said "ready" once does not say it twice).
/// </summary>
internal static class ComponentStep
{
    /// <summary>Answers one input; both instants and chance of what follows from it are those of the input.</summary>
    internal static StepResult Take(Component component, HealthState health, Input input)
    {
        var draft = new Draft(component, health, input.Now, input.Chance);
        draft.Ask(input);
        return draft.Settle();
    }

    /// <summary>Answers one input that concerns a probe.</summary>
    internal static StepResult Take(Component component, HealthState health, HealthInput input, double chance)
    {
        var draft = new Draft(component, health, input.Now, chance);
        draft.Ask(input);
        return draft.Settle();
    }

    private sealed class Draft(Component component, HealthState health, TimeSpan now, double chance)
    {
        private readonly List<StepEffect> _effects = [];
        private readonly Queue<Input> _pending = [];

        internal void Ask(Input input)
        {
            var transition = ComponentMachine.Decide(component, input);
            component = transition.Next;
            foreach (var effect in transition.Effects)
            {
                if (effect is Effect.TellHealth tell)
                {
                    Ask(tell.Input);
                }
                else
                {
                    _effects.Add(new StepEffect(effect, null));
                }
            }
        }

        internal void Ask(HealthInput input)
        {
            var transition = HealthMachine.Decide(component.Spec.Health, health, input);
            health = transition.Next;
            foreach (var effect in transition.Effects)
            {
                switch (effect)
                {
                    case HealthEffect.BecameReady ready:
                        _pending.Enqueue(new Input.BecameReady(now, ready.Instance));
                        break;
                    case HealthEffect.BecameUnready unready:
                        _pending.Enqueue(new Input.BecameUnready(now, unready.Instance, unready.Message));
                        break;
                    case HealthEffect.Failed failed:
                        _pending.Enqueue(new Input.ProbeFailed(
                            now, failed.Instance, failed.Kind, failed.Message, failed.StopGrace));
                        break;
                    case HealthEffect.Started:
                        break;
                    default:
                        _effects.Add(new StepEffect(null, effect));
                        break;
                }
            }
        }

        internal StepResult Settle()
        {
            while (_pending.TryDequeue(out var input))
            {
                Ask(input with { Chance = chance });
            }

            return new StepResult(component, health, _effects);
        }
    }
}
