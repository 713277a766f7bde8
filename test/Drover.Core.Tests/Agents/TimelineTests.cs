using Drover.Core.Agents;

namespace Drover.Core.Tests.Agents;

/// <summary>A day of an agent as a text that a person can read, to the millisecond.</summary>
public sealed class TimelineTests
{
    [Fact]
    public void A_day_with_a_wake_a_doze_a_stop_and_a_wake_that_fails_is_as_written_down()
    {
        var agent = new LedAgent(new AgentSpec
        {
            Policy = AgentPolicy.OnDemand,
            IdleTimeout = TimeSpan.FromMinutes(30),
            DozeAfter = TimeSpan.FromMinutes(5),
            ProbePeriod = TimeSpan.FromHours(8),
        });
        agent.See(0);
        agent.Pass(TimeSpan.FromSeconds(10));
        agent.Want();
        agent.Pass(TimeSpan.FromMilliseconds(5));
        agent.BringUp(1);
        agent.Touched = agent.Now;
        agent.Pass(TimeSpan.FromMinutes(5));
        agent.Pass(TimeSpan.FromMilliseconds(15));
        agent.Order();
        agent.Pass(TimeSpan.FromMinutes(2));
        agent.Want();
        agent.Pass(TimeSpan.FromMilliseconds(14));
        agent.Order();
        agent.Touched = agent.Now;
        agent.Pass(TimeSpan.FromMinutes(5));
        agent.Order();
        agent.Pass(TimeSpan.FromMinutes(25));
        agent.Pass(TimeSpan.FromMilliseconds(5));
        agent.Order();
        agent.See(0, LedAgent.Task(1, isWanted: false));
        agent.Pass(TimeSpan.FromMinutes(1));
        agent.Want();
        agent.Order();
        agent.See(1, LedAgent.Task(2, TaskPhase.Pending) with { Error = "no suitable node (insufficient memory)" });
        agent.Pass(TimeSpan.FromSeconds(60));
        agent.Order();
        agent.See(0);
        agent.Rest(SleepCause.Operator);

        Compare("day.timeline.txt", agent.Log);
    }

    private static void Compare(string file, string actual)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "Agents", "Golden", file);
        var expected = File.Exists(path) ? File.ReadAllText(path) : "";
        if (expected != actual)
        {
            // Kept beside the expected one, so that a wanted change is a file to review and copy.
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path + ".actual", actual);
        }

        Assert.Equal(expected, actual);
    }
}
