using Drover.Core.Components;
using Drover.Core.Health;

namespace Drover.Core.Tests.Components;

/// <summary>Every shape a runtime can have, times every input, present and stale.</summary>
public sealed class EveryStateEveryInputTests
{
    private static readonly TimeSpan Now = TimeSpan.FromSeconds(1000);

    [Fact]
    public void The_inputs_enumerated_here_are_all_there_are()
    {
        var kinds = typeof(Input).GetNestedTypes().Where(type => type.IsSubclassOf(typeof(Input))).ToHashSet();
        Assert.Equal(kinds, [.. Inputs(ComponentRuntime.Initial).Select(input => input.GetType())]);
    }

    [Fact]
    public void Every_state_answers_every_input_and_no_answer_breaks_what_always_holds()
    {
        var answered = 0;
        foreach (var component in Components())
        {
            foreach (var input in Inputs(component.Runtime))
            {
                var transition = ComponentMachine.Decide(component, input);
                Check(component, input, transition);
                answered++;
            }
        }

        Assert.True(answered > 1000, $"only {answered} pairs");
    }

    private static void Check(Component before, Input input, Transition transition)
    {
        var what = $"{before.Runtime} <- {input} = {transition.Next.Runtime} {string.Join(", ", transition.Effects)}";
        var next = transition.Next.Runtime;

        // The phase an instance may be in follows from the state, and so does whether a timer is waited for.
        var mayLive = next.State is not (ComponentState.Backoff or ComponentState.Stopped or ComponentState.Failed);
        Assert.True(mayLive == next.Phase is not InstancePhase.None, what);
        Assert.True(next.State is not ComponentState.Backoff || next.WakeAt is not null, what);
        Assert.True(next.State is not (ComponentState.Stopped or ComponentState.Running) || next.WakeAt is null, what);

        // A launch takes a new number, and only where nothing lived or was on its way.
        var launches = transition.Effects.OfType<Effect.Launch>().ToList();
        Assert.True(launches.Count <= 1, what);
        var ended = input is Input.Exited or Input.LaunchFailed or Input.Recovered;
        Assert.True(launches.Count == 0 || before.Runtime.Phase is InstancePhase.None || ended, what);
        Assert.All(launches, launch => Assert.True(launch.Instance == before.Runtime.Instance + 1, what));

        // Timers and reports of a former step change nothing.
        if (IsStale(before.Runtime, input))
        {
            Assert.True(transition.Next == before && transition.Effects.Count == 0, what);
        }

        Assert.True(next.Instance >= before.Runtime.Instance && next.Epoch >= before.Runtime.Epoch, what);
        var timer = transition.Effects.OfType<Effect.Wake>().LastOrDefault();
        Assert.True(timer is null || (timer.Epoch == next.Epoch && timer.At == next.WakeAt), what);
        foreach (var emit in transition.Effects.OfType<Effect.Emit>())
        {
            Assert.Subset(
                emit.Type.DataFields.Split(", ").ToHashSet(),
                emit.Fields.Select(field => field.Name).ToHashSet());
        }
    }

    private static bool IsStale(ComponentRuntime runtime, Input input) => input switch
    {
        Input.Woke woke => woke.Epoch != runtime.Epoch,
        Input.Launched launched => launched.Instance != runtime.Instance,
        Input.LaunchFailed failed => failed.Instance != runtime.Instance,
        Input.Ending ending => ending.Instance != runtime.Instance,
        Input.Exited exited => exited.Instance != runtime.Instance,
        Input.BecameReady ready => ready.Instance != runtime.Instance,
        Input.BecameUnready unready => unready.Instance != runtime.Instance,
        Input.ProbeFailed failed => failed.Instance != runtime.Instance,
        _ => false,
    };

    private static IEnumerable<Input> Inputs(ComponentRuntime runtime)
    {
        yield return new Input.Start(Now);
        yield return new Input.Stop(Now);
        yield return new Input.Restart(Now);
        yield return new Input.Recovered(Now, IsAlive: true);
        yield return new Input.Recovered(Now, IsAlive: false);
        yield return new Input.Recovered(Now, IsAlive: false) { Cause = new EndCause.Exit(0) };
        yield return new Input.Recovered(Now, IsAlive: true) { StartedAt = TimeSpan.Zero };
        yield return new Input.Recovered(Now, IsAlive: false) { LastSeen = runtime.Instance + 1 };
        yield return new Input.Recovered(Now, IsAlive: false) { IsEnding = true, Cause = new EndCause.Exit(3) };
        yield return new Input.Recovered(Now, IsAlive: false) { IsEnding = true, LastSeen = runtime.Instance + 1 };
        yield return new Input.Reconfigured(Now, new ComponentSpec());
        yield return new Input.Woke(Now, runtime.Epoch);
        yield return new Input.Woke(Now, runtime.Epoch - 1);
        foreach (var instance in new[] { runtime.Instance - 1, runtime.Instance, runtime.Instance + 1 })
        {
            yield return new Input.Launched(Now, instance);
            yield return new Input.LaunchFailed(Now, instance, new EndCause.FailedStart("no such file"));
            yield return new Input.Ending(Now, instance, new EndCause.Exit(1));
            yield return new Input.Exited(Now, instance, new EndCause.Exit(0));
            yield return new Input.Exited(Now, instance, new EndCause.OutOfMemory());
            yield return new Input.BecameReady(Now, instance);
            yield return new Input.BecameUnready(Now, instance, "503");
            yield return new Input.ProbeFailed(Now, instance, ProbeKind.Liveness, "hangs");
        }
    }

    private static IEnumerable<Component> Components() =>
        from mode in Enum.GetValues<RestartMode>()
        from runtime in Runtimes()
        let spec = new ComponentSpec { Restart = new RestartPolicy { Mode = mode } }
        select new Component(new ComponentId("web"), spec, runtime);

    private static IEnumerable<ComponentRuntime> Runtimes()
    {
        var full = new RestartLedger([.. Enumerable.Range(0, 10).Select(i => TimeSpan.FromSeconds(900 + i))]);
        foreach (var state in Enum.GetValues<ComponentState>())
        {
            foreach (var purpose in Enum.GetValues<StopPurpose>())
            {
                foreach (var (phase, wakes) in PhasesOf(state))
                {
                    foreach (var (ledger, isRetry, start) in new[]
                    {
                        (RestartLedger.Empty, false, 995), (full, false, 500), (full, true, 999),
                    })
                    {
                        yield return new ComponentRuntime
                        {
                            State = state,
                            Phase = phase,
                            Purpose = purpose,
                            Instance = 7,
                            Epoch = 20,
                            StartedAt = phase is InstancePhase.Alive ? TimeSpan.FromSeconds(start) : null,
                            WakeAt = wakes ? Now : null,
                            Ledger = ledger,
                            IsRetry = isRetry,
                            LastCause = state is ComponentState.Stopping ? new EndCause.Operator() : null,
                        };
                    }
                }
            }
        }
    }

    private static (InstancePhase Phase, bool Wakes)[] PhasesOf(ComponentState state) => state switch
    {
        ComponentState.Starting => [(InstancePhase.Launching, false), (InstancePhase.Alive, false)],
        ComponentState.Running or ComponentState.Unhealthy => [(InstancePhase.Alive, false)],
        ComponentState.Stopping => [(InstancePhase.Launching, false), (InstancePhase.Alive, true)],
        ComponentState.Backoff => [(InstancePhase.None, true)],
        ComponentState.Failed => [(InstancePhase.None, true), (InstancePhase.None, false)],
        ComponentState.Stopped => [(InstancePhase.None, false)],
        _ => throw new ArgumentOutOfRangeException(nameof(state)),
    };
}
