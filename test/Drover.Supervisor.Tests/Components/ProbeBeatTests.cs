using Drover.Supervisor.Components;

namespace Drover.Supervisor.Tests.Components;

/// <summary>Probes of many components share the moments in which this process wakes up.</summary>
public sealed class ProbeBeatTests
{
    [Theory]
    [InlineData(10_000, 10_000)]
    [InlineData(10_001, 10_025)]
    [InlineData(10_024, 10_025)]
    [InlineData(10_026, 10_050)]
    [InlineData(999, 999)]
    [InlineData(-5, -5)]
    public void A_probe_begins_at_the_next_step_of_the_clock_and_one_that_is_due_soon_to_the_moment(
        int due, int begins) =>
        Assert.Equal(
            TimeSpan.FromMilliseconds(begins), ProbeBeat.Of(TimeSpan.FromMilliseconds(due), now: TimeSpan.Zero));

    [Fact]
    public void A_hundred_probes_that_are_due_within_a_second_begin_in_forty_moments_and_none_before_it_is_due()
    {
        var due = Enumerable.Range(0, 100)
            .Select(number => TimeSpan.FromMilliseconds(10_000 + (9.7 * number)))
            .ToList();
        var begun = due.Select(at => ProbeBeat.Of(at, now: TimeSpan.Zero)).ToList();

        Assert.InRange(begun.Distinct().Count(), 1, 40);
        Assert.All(due.Zip(begun), one => Assert.InRange(one.Second - one.First, TimeSpan.Zero, ProbeBeat.Step));
    }
}
