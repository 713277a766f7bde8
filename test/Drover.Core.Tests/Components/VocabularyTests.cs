using Drover.Core.Components;
using Drover.Core.Health;

namespace Drover.Core.Tests.Components;

/// <summary>The words that files, events and people share; another is another version of all of them.</summary>
public sealed class VocabularyTests
{
    [Fact]
    public void The_states_of_a_component_are_these_seven() => Assert.Equal(
        ["Starting", "Running", "Unhealthy", "Backoff", "Stopping", "Stopped", "Failed"],
        Enum.GetNames<ComponentState>());

    [Fact]
    public void The_restart_policies_are_always_on_failure_and_never_and_always_is_the_default()
    {
        Assert.Equal(["Always", "OnFailure", "Never"], Enum.GetNames<RestartMode>());
        Assert.Equal(RestartMode.Always, new RestartPolicy().Mode);
    }

    [Fact]
    public void Startup_liveness_and_readiness_are_the_concepts_of_kubernetes_with_its_fields_and_defaults()
    {
        Assert.Equal(["Startup", "Liveness", "Readiness"], Enum.GetNames<ProbeKind>());
        var spec = new ProbeSpec();

        // initialDelaySeconds, periodSeconds, timeoutSeconds, successThreshold, failureThreshold of Probe v1 core.
        Assert.Equal(
            (TimeSpan.Zero, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(1), 1, 3),
            (spec.InitialDelay, spec.Period, spec.Timeout, spec.SuccessThreshold, spec.FailureThreshold));
    }

    [Fact]
    public void Health_is_checked_every_10_seconds_and_each_check_takes_a_second_at_most_unless_told_otherwise()
    {
        var spec = new ProbeSpec();

        Assert.Equal((10, 1), (spec.Period.TotalSeconds, spec.Timeout.TotalSeconds));
    }

    [Fact]
    public void By_default_a_good_run_is_10_seconds_and_10_restarts_in_10_minutes_are_the_most()
    {
        var policy = new RestartPolicy();

        Assert.Equal(
            (TimeSpan.FromSeconds(10), 10, TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(10)),
            (policy.MinUptime, policy.Limit, policy.Window, policy.RetryAfter));
    }

    [Fact]
    public void Backoff_is_1_2_4_8_16_32_60_60_seconds_with_a_tenth_of_jitter_at_most()
    {
        var backoff = new RestartPolicy().Backoff;

        Assert.Equal(
            [1, 2, 4, 8, 16, 32, 60, 60],
            Enumerable.Range(1, 8).Select(run => backoff.Delay(run, 0.5).TotalSeconds));
        Assert.InRange(backoff.Delay(7, 0).TotalSeconds, 54, 60);
        Assert.InRange(backoff.Delay(7, 1).TotalSeconds, 60, 66);
    }

    [Fact]
    public void A_component_is_asked_to_end_by_SIGTERM_and_has_10_seconds() =>
        Assert.Equal(new StopPolicy("SIGTERM", TimeSpan.FromSeconds(10)), new ComponentSpec().Stop);
}
