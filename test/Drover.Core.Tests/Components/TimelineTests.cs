using Drover.Core.Components;

namespace Drover.Core.Tests.Components;

/// <summary>Whole lives in virtual time, without jitter.</summary>
public sealed class TimelineTests
{
    private static readonly EndCause Crash = new EndCause.Exit(1);

    [Fact]
    public void A_crash_loop_runs_exactly_as_the_golden_timeline_says()
    {
        var supervisor = Supervise(_ => (TimeSpan.Zero, Crash));
        supervisor.RunUntil(TimeSpan.FromSeconds(2000));
        Compare("crash-loop.timeline.txt", supervisor.Log);
    }

    [Fact]
    public void A_service_that_runs_well_stumbles_recovers_and_is_stopped_runs_exactly_as_the_golden_timeline_says()
    {
        var supervisor = Supervise(instance => instance switch
        {
            1 => (TimeSpan.FromSeconds(3600), new EndCause.Signal("SIGSEGV", CoreDumped: true)),
            2 => (TimeSpan.FromSeconds(2), new EndCause.OutOfMemory()),
            3 => (TimeSpan.Zero, new EndCause.LoaderError("GLIBC_2.38 not found")),
            4 => (TimeSpan.FromSeconds(9.999), Crash),
            5 => (TimeSpan.FromSeconds(10), Crash),
            6 => (TimeSpan.FromSeconds(1), Crash),
            _ => (TimeSpan.FromDays(1), Crash),
        });
        supervisor.Send(new Input.Stop(TimeSpan.FromSeconds(4000)));
        supervisor.RunUntil(TimeSpan.FromSeconds(5000));
        Compare("stumbles.timeline.txt", supervisor.Log);
    }

    [Theory]
    [InlineData(0, 303.0)]
    [InlineData(1, 314.0)]
    [InlineData(9, 402.0)]
    [InlineData(10, 110.0)]
    [InlineData(30, 330.0)]
    [InlineData(59, 649.0)]
    [InlineData(60, null)]
    [InlineData(600, null)]
    public void The_limit_fires_when_arithmetic_says_so(double life, double? failedAt)
    {
        var supervisor = Supervise(_ => (TimeSpan.FromSeconds(life), Crash));
        supervisor.RunUntil(TimeSpan.FromHours(2), () => supervisor.Component.Runtime.State is ComponentState.Failed);

        var isFailed = supervisor.Component.Runtime.State is ComponentState.Failed;
        Assert.Equal(failedAt, isFailed ? supervisor.Now.TotalSeconds : null);
        Assert.Equal(failedAt is not null, supervisor.Component.Runtime.Restarts == 10);
    }

    [Fact]
    public void A_missing_binary_backs_off_like_a_crash()
    {
        var supervisor = Supervise(_ => (TimeSpan.Zero, new EndCause.FailedStart("'./api' does not exist")));
        supervisor.RunUntil(TimeSpan.FromHours(2), () => supervisor.Component.Runtime.State is ComponentState.Failed);
        Assert.Equal(303, supervisor.Now.TotalSeconds);
    }

    private static VirtualSupervisor Supervise(Func<long, (TimeSpan Life, EndCause End)> script)
    {
        var supervisor = new VirtualSupervisor(new ComponentSpec(), script);
        supervisor.Send(new Input.Start(TimeSpan.Zero));
        return supervisor;
    }

    private static void Compare(string file, string actual)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "Components", "Golden", file);
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
