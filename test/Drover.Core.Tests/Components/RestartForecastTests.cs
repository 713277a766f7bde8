using Drover.Core.Backoff;
using Drover.Core.Components;
using Drover.Core.Health;
using FsCheck;
using FsCheck.Fluent;

namespace Drover.Core.Tests.Components;

public sealed class RestartForecastTests
{
    private static readonly EndCause Crash = new EndCause.Exit(1);

    [Theory]
    [InlineData(0, 303.0)]
    [InlineData(1, 314.0)]
    [InlineData(9.999, 412.989)]
    [InlineData(10, 110.0)]
    [InlineData(30, 330.0)]
    [InlineData(59, 649.0)]
    [InlineData(59.999, 659.989)]
    [InlineData(60, null)]
    [InlineData(86_400, null)]
    public void The_default_limit_is_reached_when_the_table_of_the_research_says_so(double run, double? failedAt)
    {
        var forecast = RestartForecast.Of(new RestartPolicy(), TimeSpan.FromSeconds(run));

        Assert.Equal(failedAt, forecast.FailedAt?.TotalSeconds);
        Assert.Equal(failedAt is null ? ForecastEnd.Never : ForecastEnd.Failed, forecast.End);
        Assert.Equal(failedAt + 600, forecast.RetryAt?.TotalSeconds);
    }

    [Fact]
    public void The_timeline_of_a_component_that_dies_at_once_waits_1_2_4_8_16_32_60_seconds()
    {
        var forecast = RestartForecast.Of(new RestartPolicy(), TimeSpan.Zero);

        Assert.Equal(
            [1, 2, 4, 8, 16, 32, 60, 60, 60, 60], forecast.Restarts.Select(restart => restart.Delay.TotalSeconds));
        Assert.Equal(
            [1, 3, 7, 15, 31, 63, 123, 183, 243, 303], forecast.Restarts.Select(restart => restart.At.TotalSeconds));
    }

    [Fact]
    public void The_bands_of_the_default_policy_end_at_min_uptime_and_at_a_tenth_of_the_window() => Assert.Equal(
        [
            new ForecastBand(TimeSpan.Zero, TimeSpan.FromSeconds(10), ForecastEnd.Failed, false),
            new ForecastBand(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(60), ForecastEnd.Failed, true),
            new ForecastBand(TimeSpan.FromSeconds(60), null, ForecastEnd.Never, true),
        ],
        RestartForecast.Bands(new RestartPolicy()));

    [Fact]
    public void A_limit_of_20_in_10_minutes_is_never_reached_by_a_component_that_dies_at_once()
    {
        var bands = RestartForecast.Bands(new RestartPolicy { Limit = 20 });

        Assert.Equal(
            [
                new ForecastBand(TimeSpan.Zero, TimeSpan.FromSeconds(10), ForecastEnd.Never, false),
                new ForecastBand(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(30), ForecastEnd.Failed, true),
                new ForecastBand(TimeSpan.FromSeconds(30), null, ForecastEnd.Never, true),
            ],
            bands);
    }

    [Fact]
    public void A_policy_that_never_restarts_rests_after_the_first_run()
    {
        var policy = new RestartPolicy { Mode = RestartMode.Never };

        Assert.Equal(ForecastEnd.Rests, RestartForecast.Of(policy, TimeSpan.Zero).End);
        Assert.Equal(
            [new ForecastBand(TimeSpan.Zero, null, ForecastEnd.Rests, false)], RestartForecast.Bands(policy));
    }

    [Theory]
    [InlineData(1, 601)]
    [InlineData(600, 903)]
    [InlineData(0, null)]
    public void The_try_after_failed_is_made_when_it_is_due_and_the_first_restart_has_left_the_window(
        double retryAfter, int? at)
    {
        var policy = new RestartPolicy { RetryAfter = TimeSpan.FromSeconds(retryAfter) };
        Assert.Equal(at, RestartForecast.Of(policy, TimeSpan.Zero).RetryAt?.TotalSeconds);
    }

    [Fact]
    public void Every_forecast_is_what_the_machine_does() =>
        Prop.ForAll(Cases(), one =>
        {
            var (policy, run) = one;
            var forecast = RestartForecast.Of(policy, run);
            var (launches, failedAt, retryAt) = Drive(policy, run, TimeSpan.Zero, policy.Limit + 3);
            return forecast.FailedAt == failedAt
                && forecast.RetryAt == retryAt
                && forecast.Restarts.Select(restart => restart.At).SequenceEqual(launches.Take(policy.Limit));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1500));

    [Fact]
    public void Every_end_by_a_probe_is_what_the_machine_does_with_the_time_it_takes_to_end() =>
        Prop.ForAll(Cases(), Gen.Choose(0, 90).Select(s => TimeSpan.FromSeconds(s)).ToArbitrary(), (one, ending) =>
        {
            var (policy, run) = one;
            var forecast = RestartForecast.Of(policy, run, ending);
            var (launches, failedAt, retryAt) = Drive(policy, run, ending, policy.Limit + 3);
            return forecast.FailedAt == failedAt
                && forecast.RetryAt == retryAt
                && forecast.Restarts.Select(restart => restart.At).SequenceEqual(launches.Take(policy.Limit));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void Bands_and_forecasts_agree_on_both_sides_of_every_border() =>
        Prop.ForAll(Cases(), one =>
        {
            var (policy, _) = one;
            var bands = RestartForecast.Bands(policy);
            return bands[0].From == TimeSpan.Zero
                && bands[^1].To is null
                && bands.Zip(bands.Skip(1)).All(pair => pair.First.To == pair.Second.From)
                && bands.All(band => Agrees(band, band.From) && Agrees(band, LastOf(band)));

            bool Agrees(ForecastBand band, TimeSpan run) =>
                RestartForecast.Of(policy, run) is var forecast
                && forecast.End == band.End
                && forecast.IsGoodRun == band.IsGoodRun;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    private static TimeSpan LastOf(ForecastBand band) =>
        band.To is { } to ? to - TimeSpan.FromTicks(1) : band.From + TimeSpan.FromDays(1);

    /// <summary>Launches after the first, when the limit was reached, and when the try after that is due; after so
    /// many restarts it is believed not to be.</summary>
    private static (List<TimeSpan> Launches, TimeSpan? FailedAt, TimeSpan? RetryAt) Drive(
        RestartPolicy policy, TimeSpan run, TimeSpan ending, int most)
    {
        var component = new Component(
            new ComponentId("web"), new ComponentSpec { Restart = policy }, ComponentRuntime.Initial);
        var launches = new List<TimeSpan>();
        var now = TimeSpan.Zero;
        Send(new Input.Start(now));
        while (launches.Count < most)
        {
            Send(new Input.Launched(now, component.Runtime.Instance));
            now += run;
            if (ending > TimeSpan.Zero)
            {
                Send(new Input.ProbeFailed(now, component.Runtime.Instance, ProbeKind.Liveness, "hangs"));
                now += ending;
            }

            Send(new Input.Exited(now, component.Runtime.Instance, Crash));
            if (component.Runtime.State is ComponentState.Failed)
            {
                return (launches, now, component.Runtime.WakeAt);
            }

            if (component.Runtime is { State: ComponentState.Backoff, WakeAt: { } at, Epoch: var epoch })
            {
                now = at;
                Send(new Input.Woke(now, epoch));
            }

            launches.Add(now);
        }

        return (launches, null, null);

        void Send(Input input) => component = ComponentMachine.Decide(component, input).Next;
    }

    private static Arbitrary<(RestartPolicy Policy, TimeSpan Run)> Cases()
    {
        var gen =
            from limit in Gen.Choose(1, 15)
            from window in Gen.Choose(1, 900)
            from retryAfter in Gen.Choose(0, 1200)
            from minUptime in Gen.Choose(0, 60)
            from initial in Gen.Choose(1, 5000)
            from factor in Gen.Elements(1.0, 1.5, 2.0, 3.0)
            from more in Gen.Choose(0, 120_000)
            from run in Gen.OneOf(Gen.Choose(0, 90_000), Gen.Elements(0, 1, minUptime * 1000, minUptime * 1000 + 1))
            select (
                new RestartPolicy
                {
                    Limit = limit,
                    Window = TimeSpan.FromSeconds(window),
                    RetryAfter = TimeSpan.FromSeconds(retryAfter),
                    MinUptime = TimeSpan.FromSeconds(minUptime),
                    Backoff = new BackoffPolicy(
                        TimeSpan.FromMilliseconds(initial), factor, TimeSpan.FromMilliseconds(initial + more), 0.1),
                },
                TimeSpan.FromMilliseconds(run));
        return gen.ToArbitrary();
    }
}
