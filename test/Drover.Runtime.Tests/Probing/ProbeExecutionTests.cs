using Drover.Core.Health;
using Drover.Runtime.Probing;
using Drover.Testing.Time;

namespace Drover.Runtime.Tests.Probing;

/// <summary>The bounds around every probe.</summary>
public sealed class ProbeExecutionTests
{
    private static readonly TimeSpan OneSecond = TimeSpan.FromSeconds(1);

    private readonly FakeClock _clock = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void A_probe_has_one_second_when_nothing_else_is_said()
    {
        Assert.Equal(OneSecond, ProbeExecution.DefaultTimeout);
        Assert.Equal(ProbeExecution.DefaultTimeout, new ProbeSpec().Timeout);
    }

    [Fact]
    public async Task What_a_probe_finds_is_given_with_the_time_that_took()
    {
        var found = new TaskCompletionSource<ProbeReport>();
        var run = Run(new ScriptedProbe(_ => found.Task));
        await _clock.WaitForTimerAsync(OneSecond, Token);
        _clock.Advance(TimeSpan.FromMilliseconds(250));
        found.SetResult(new ProbeReport(ProbeOutcome.Success, "fine"));

        Assert.Equal((new ProbeReport(ProbeOutcome.Success, "fine"), TimeSpan.FromMilliseconds(250)), await run);
    }

    /// <summary>More callers than processors: who loses its turn finds a probe that has ended already.</summary>
    [Fact]
    public async Task A_probe_that_ends_before_anybody_waits_for_it_is_answered_like_any_other()
    {
        var quick = new ScriptedProbe(_ => Task.FromResult(new ProbeReport(ProbeOutcome.Success, "at once")));
        var callers = Enumerable.Range(0, 4 * Environment.ProcessorCount).Select(_ => Task.Factory.StartNew(
            async () =>
            {
                for (var run = 0; run < 20_000; run++)
                {
                    var answer = ProbeExecution.RunAsync(
                        quick, ProbeBench.Nothing, TimeSpan.FromMinutes(1), TimeProvider.System, Token);
                    while (!answer.IsCompleted)
                    {
                        Thread.Yield();
                    }

                    Assert.Equal("at once", (await answer).Report.Message);
                }
            },
            Token,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default).Unwrap());
        await Task.WhenAll(callers);
    }

    [Fact]
    public async Task A_probe_that_hangs_is_a_failure_at_its_timeout_even_if_it_does_not_listen()
    {
        var never = new TaskCompletionSource<ProbeReport>();
        var run = Run(new ScriptedProbe(_ => never.Task));
        await _clock.WaitForTimerAsync(OneSecond, Token);
        _clock.Advance(TimeSpan.FromMilliseconds(999));
        Assert.False(run.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal((new ProbeReport(ProbeOutcome.Failure, "no answer within 1s"), OneSecond), await run);
        never.SetException(new InvalidOperationException("too late to matter"));
    }

    [Fact]
    public async Task A_probe_that_blocks_its_thread_is_a_failure_at_its_timeout_too()
    {
        using var release = new ManualResetEventSlim();
        var run = Run(new ScriptedProbe(_ =>
        {
            release.Wait(TimeSpan.FromSeconds(30), CancellationToken.None);
            return Task.FromResult(new ProbeReport(ProbeOutcome.Success, "late"));
        }));
        await _clock.WaitForTimerAsync(OneSecond, Token);
        _clock.Advance(OneSecond);

        Assert.Equal("no answer within 1s", (await run).Report.Message);
        release.Set();
    }

    [Fact]
    public async Task At_the_timeout_the_probe_is_told_to_end()
    {
        var told = new TaskCompletionSource();
        var run = Run(new ScriptedProbe(async token =>
        {
            await Task.Delay(Timeout.Infinite, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            told.SetResult();
            throw new InvalidOperationException("it may do this as it likes");
        }));
        await _clock.WaitForTimerAsync(OneSecond, Token);
        _clock.Advance(OneSecond);

        Assert.Equal(ProbeOutcome.Failure, (await run).Report.Outcome);
        await told.Task.WaitAsync(FakeClock.WaitLimit, Token);
    }

    [Fact]
    public async Task A_probe_that_throws_is_an_error_with_a_sentence_and_not_a_failure()
    {
        const string Sentence = "cannot run the probe \"scripted\": it | broke";
        var broken = new InvalidOperationException("it\nbroke");

        var (atOnce, _) = await Run(new ScriptedProbe(_ => throw broken));
        var (later, _) = await Run(new ScriptedProbe(async _ =>
        {
            await Task.Yield();
            throw broken;
        }));

        atOnce.Erred(Sentence);
        later.Erred(Sentence);
    }

    [Fact]
    public async Task A_probe_that_waits_for_nothing_is_run_by_the_caller_and_a_defect_of_it_is_an_error_all_the_same()
    {
        var caller = Environment.CurrentManagedThreadId;
        var runner = 0;
        var run = Run(new ScriptedProbe(_ =>
        {
            runner = Environment.CurrentManagedThreadId;
            return Task.FromResult(new ProbeReport(ProbeOutcome.Success, "there"));
        })
        {
            IsImmediate = true,
        });
        Assert.True(run.IsCompletedSuccessfully);
        Assert.Equal(caller, runner);
        Assert.Equal("there", (await run).Report.Message);

        var broken = new ScriptedProbe(_ => throw new InvalidOperationException("it broke")) { IsImmediate = true };
        (await Run(broken)).Report.Erred("cannot run the probe \"scripted\": it broke");
        Assert.True(new ProbeTarget.Process().CreateProbe(new ProbeServices(_clock)).IsImmediate);
        Assert.False(new ProbeTarget.File("/nowhere", null).CreateProbe(new ProbeServices(_clock)).IsImmediate);
    }

    [Fact]
    public async Task A_probe_that_gives_up_by_itself_without_being_told_is_an_error()
    {
        var (report, _) = await Run(new ScriptedProbe(_ => throw new OperationCanceledException("gave up")));

        report.Erred("cannot run the probe \"scripted\": gave up");
    }

    [Fact]
    public async Task Ending_the_supervisor_ends_the_run_and_judges_nothing()
    {
        using var end = new CancellationTokenSource();
        var run = ProbeExecution.RunAsync(
            new ScriptedProbe(async token =>
            {
                await Task.Delay(Timeout.Infinite, token);
                return default;
            }),
            ProbeBench.Nothing,
            OneSecond,
            _clock,
            end.Token);
        await end.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    [Fact]
    public async Task The_latency_is_true_when_the_date_is_set_meanwhile()
    {
        var found = new TaskCompletionSource<ProbeReport>();
        var run = Run(new ScriptedProbe(_ => found.Task));
        await _clock.WaitForTimerAsync(OneSecond, Token);
        _clock.JumpWallClock(TimeSpan.FromDays(-400));
        _clock.Advance(TimeSpan.FromMilliseconds(40));
        found.SetResult(default);

        Assert.Equal(TimeSpan.FromMilliseconds(40), (await run).Latency);
    }

    private Task<(ProbeReport Report, TimeSpan Latency)> Run(IProbe probe) =>
        ProbeExecution.RunAsync(probe, ProbeBench.Nothing, OneSecond, _clock, Token);

    private sealed class ScriptedProbe(Func<CancellationToken, Task<ProbeReport>> run) : IProbe
    {
        public string Description => "scripted";

        public bool IsImmediate { get; init; }

        public async ValueTask<ProbeReport> RunAsync(ProbeSubject subject, CancellationToken cancellationToken) =>
            await run(cancellationToken);
    }
}
