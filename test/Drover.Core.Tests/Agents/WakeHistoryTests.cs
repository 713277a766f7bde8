using Drover.Core.Agents;

namespace Drover.Core.Tests.Agents;

/// <summary>How long the next wake will take.</summary>
public sealed class WakeHistoryTests
{
    [Fact]
    public void Before_the_first_wake_nothing_is_promised() => Assert.Null(WakeHistory.Empty.Estimate);

    [Fact]
    public void Four_of_five_wakes_are_over_when_it_says()
    {
        var history = WakeHistory.Empty;
        foreach (var seconds in (int[])[5, 1, 4, 2, 3])
        {
            history = history.Add(TimeSpan.FromSeconds(seconds));
        }

        Assert.Equal(TimeSpan.FromSeconds(4), history.Estimate);
    }

    [Fact]
    public void It_is_bounded_and_an_agent_that_became_faster_is_soon_believed_to_be()
    {
        var history = WakeHistory.Empty;
        for (var wake = 0; wake < 1000; wake++)
        {
            history = history.Add(TimeSpan.FromSeconds(30));
        }

        Assert.Equal(20, history.Count);
        for (var wake = 0; wake < 16; wake++)
        {
            history = history.Add(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(TimeSpan.FromSeconds(1), history.Estimate);
    }
}
