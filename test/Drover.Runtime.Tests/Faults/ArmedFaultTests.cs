using Drover.Runtime.Faults;

namespace Drover.Runtime.Tests.Faults;

/// <summary>What the environment arms, and when it is due.</summary>
public sealed class ArmedFaultTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("order.stolen")]
    [InlineData("order.stored:0")]
    [InlineData("order.stored:-1")]
    [InlineData("order.stored:x")]
    [InlineData("order.stored:1:2")]
    public void What_names_no_point_arms_nothing(string? text) => Assert.Null(ArmedFault.TryParse(text));

    [Fact]
    public void A_point_is_due_at_its_number_and_never_again()
    {
        var armed = ArmedFault.TryParse("order.stored:3")!;

        Assert.Equal(
            [false, false, true, false, false],
            Enumerable.Range(0, 5).Select(_ => armed.IsDue(FaultPoints.OrderStored)));
    }

    [Fact]
    public void Without_a_number_the_first_time_is_due_and_other_points_do_not_count()
    {
        var armed = ArmedFault.TryParse("order.stored")!;

        Assert.False(armed.IsDue(FaultPoints.ReportStored));
        Assert.True(armed.IsDue(FaultPoints.OrderStored));
    }

    [Fact]
    public void No_name_is_listed_twice() => Assert.Equal(FaultPoints.All.Count, FaultPoints.All.Distinct().Count());
}
