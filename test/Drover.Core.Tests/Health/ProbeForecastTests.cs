using Drover.Core.Health;
using FsCheck;
using FsCheck.Fluent;

namespace Drover.Core.Tests.Health;

public sealed class ProbeForecastTests
{
    [Fact]
    public void By_default_a_hang_is_noticed_within_31_seconds_and_no_sooner_than_in_21()
    {
        var forecast = ProbeForecast.Of(ProbeKind.Liveness, new ProbeSpec());

        Assert.Equal(31, forecast.Hung.TotalSeconds);
        Assert.Equal(21, forecast.HungSoonest.TotalSeconds);
        Assert.Equal(30, forecast.Refused.TotalSeconds);
    }

    [Fact]
    public void A_startup_probe_of_30_failures_gives_an_instance_291_seconds_when_it_hangs_and_290_when_it_refuses()
    {
        var forecast = ProbeForecast.Of(ProbeKind.Startup, new ProbeSpec { FailureThreshold = 30 });

        Assert.Equal(291, forecast.Hung.TotalSeconds);
        Assert.Equal(290, forecast.Refused.TotalSeconds);
    }

    [Fact]
    public void Every_forecast_is_what_the_machine_does_with_probes_that_never_answer() =>
        Prop.ForAll(Specs(), spec =>
        {
            var startup = ProbeForecast.Of(ProbeKind.Startup, spec);
            var liveness = ProbeForecast.Of(ProbeKind.Liveness, spec);
            return FailsAt(new HealthSpec(Startup: spec), spec, hangsFrom: 0, refuses: false) == startup.Hung
                && FailsAt(new HealthSpec(Startup: spec), spec, hangsFrom: 0, refuses: true) == startup.Refused
                && FailsAt(new HealthSpec(Liveness: spec), spec, hangsFrom: 0, refuses: false)
                    == spec.InitialDelay + liveness.HungSoonest
                && FailsAt(new HealthSpec(Liveness: spec), spec, hangsFrom: 1, refuses: false)
                    == spec.InitialDelay + liveness.Hung
                && FailsAt(new HealthSpec(Liveness: spec), spec, hangsFrom: 1, refuses: true)
                    == spec.InitialDelay + liveness.Refused;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    /// <summary>When the probe ends an instance that answers well so often and then refuses or says nothing.</summary>
    private static TimeSpan FailsAt(HealthSpec health, ProbeSpec spec, int hangsFrom, bool refuses)
    {
        var state = HealthState.Initial;
        var pending = new Queue<(TimeSpan At, HealthInput Input)>();
        pending.Enqueue((TimeSpan.Zero, new HealthInput.InstanceStarted(TimeSpan.Zero, 1)));
        var runs = 0;
        while (pending.TryDequeue(out var next))
        {
            var transition = HealthMachine.Decide(health, state, next.Input);
            state = transition.Next;
            foreach (var effect in transition.Effects)
            {
                switch (effect)
                {
                    case HealthEffect.ProbeAt at:
                        pending.Enqueue((at.At, new HealthInput.ProbeDue(at.At, at.Kind, at.Epoch)));
                        break;
                    case HealthEffect.RunProbe run:
                        var isGood = runs++ < hangsFrom;
                        var ended = isGood || refuses ? next.At : next.At + spec.Timeout;
                        var outcome = isGood ? ProbeOutcome.Success : ProbeOutcome.Failure;
                        pending.Enqueue((ended, new HealthInput.ProbeEnded(ended, run.Kind, run.Epoch, outcome, "")));
                        break;
                    case HealthEffect.Failed:
                        return next.At;
                }
            }
        }

        throw new InvalidOperationException("the probe rests");
    }

    private static Arbitrary<ProbeSpec> Specs()
    {
        var gen =
            from delay in Gen.Choose(0, 30)
            from period in Gen.Choose(1, 60)
            from timeout in Gen.Choose(1, 90)
            from threshold in Gen.Choose(1, 12)
            select new ProbeSpec
            {
                InitialDelay = TimeSpan.FromSeconds(delay),
                Period = TimeSpan.FromSeconds(period),
                Timeout = TimeSpan.FromSeconds(timeout),
                FailureThreshold = threshold,
            };
        return gen.ToArbitrary();
    }
}
