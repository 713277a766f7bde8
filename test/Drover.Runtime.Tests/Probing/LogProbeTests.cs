using Drover.Core.Health;
using Drover.Runtime.Probing;

namespace Drover.Runtime.Tests.Probing;

/// <summary>The log probe over a log that a test writes.</summary>
public sealed class LogProbeTests
{
    private readonly ScriptedLog _log = new();

    [Fact]
    public async Task A_log_without_a_fatal_line_is_a_success()
    {
        var probe = Make(new ProbeTarget.Log { Fatal = "panic|Traceback" });
        _log.Write("listening", "all is well");

        (await probe.AskAsync()).Succeeded("no line of the log matches /panic|Traceback/");
    }

    [Fact]
    public async Task A_fatal_line_fails_this_run_and_every_later_one_of_the_instance()
    {
        var probe = Make(new ProbeTarget.Log { Fatal = "panic|Traceback" });
        _log.Write("listening", "panic: password=geheim123 is wrong", "recovered");
        const string Sentence = "the log has a line that matches /panic|Traceback/: panic: password=*** is wrong";

        (await probe.AskAsync()).Failed(Sentence);
        _log.Write("all is well again");
        (await probe.AskAsync()).Failed(Sentence);
    }

    [Fact]
    public async Task A_fatal_line_of_the_instance_before_is_not_held_against_the_next_one()
    {
        var probe = Make(new ProbeTarget.Log { Fatal = "panic" });
        _log.Write("panic: 1");
        Assert.Equal(ProbeOutcome.Failure, (await probe.AskAsync()).Outcome);

        _log.BeginInstance(2);
        (await probe.AskAsync(ProbeBench.Nothing with { Instance = 2 })).Succeeded();
        _log.Write("panic: 2");
        (await probe.AskAsync(ProbeBench.Nothing with { Instance = 2 }))
            .Failed("the log has a line that matches /panic/: panic: 2");
    }

    [Fact]
    public async Task With_a_ready_pattern_it_fails_until_a_line_has_matched_and_then_never_again()
    {
        var probe = Make(new ProbeTarget.Log { Ready = "listening on [0-9]+" });
        _log.Write("starting");
        (await probe.AskAsync()).Failed("no line of the log has matched /listening on [0-9]+/ yet");

        _log.Write("listening on 7234", "request");
        (await probe.AskAsync()).Succeeded("the log says: listening on 7234");
        _log.Write("another request");
        (await probe.AskAsync()).Succeeded("the log says: listening on 7234");
    }

    [Fact]
    public async Task With_both_patterns_a_fatal_line_ends_readiness()
    {
        var probe = Make(new ProbeTarget.Log { Ready = "ready", Fatal = "fatal" });
        _log.Write("ready");
        (await probe.AskAsync()).Succeeded("the log says: ready");
        _log.Write("fatal");

        (await probe.AskAsync()).Failed("the log has a line that matches /fatal/: fatal");
    }

    [Fact]
    public async Task Each_line_is_read_once_and_a_run_that_was_cut_off_reads_its_lines_again()
    {
        var probe = Make(new ProbeTarget.Log { Fatal = "panic" });
        _log.Write("one", "two");
        await probe.AskAsync();
        _log.Write("three");
        _log.Fails = true;
        (await probe.AskAsync()).Erred("cannot run the probe \"log without /panic/\": the disk is gone");
        _log.Fails = false;
        await probe.AskAsync();
        await probe.AskAsync();

        Assert.Equal(["one", "two", "three"], _log.Given);
    }

    [Fact]
    public async Task Lines_that_came_too_fast_to_be_read_are_told()
    {
        var probe = Make(new ProbeTarget.Log { Fatal = "panic" });
        _log.SkippedBytes = 3 * 1024 * 1024;

        (await probe.AskAsync())
            .Succeeded("no line of the log matches /panic/ (3072 KiB of the log came too fast to be read)");
    }

    [Fact]
    public async Task A_line_is_matched_up_to_16_KiB_and_told_up_to_300_letters()
    {
        var probe = Make(new ProbeTarget.Log { Fatal = "panic" });
        _log.Write(new string('x', 16 * 1024) + "panic");
        (await probe.AskAsync()).Succeeded();
        _log.Write("panic" + new string('x', 1024 * 1024));

        var report = await probe.AskAsync();
        Assert.Equal(ProbeOutcome.Failure, report.Outcome);
        Assert.InRange(report.Message.Length, 300, 400);
    }

    [Fact]
    public async Task No_line_can_hang_a_pattern()
    {
        var probe = Make(new ProbeTarget.Log { Fatal = "(a+)+$" });
        _log.Write([.. Enumerable.Repeat(new string('a', 10_000) + "!", 100)]);

        (await probe.AskAsync()).Succeeded();
    }

    [Theory]
    [InlineData("(", "fatal is not a pattern that can be used: ")]
    [InlineData("(a)\\1", "fatal is not a pattern that can be used: ")]
    [InlineData("(?=a)", "fatal is not a pattern that can be used: ")]
    [InlineData("", "fatal takes a pattern of 1 to 1000 characters")]
    public void A_pattern_that_cannot_be_used_is_refused_when_the_configuration_is_read(string pattern, string why)
    {
        Assert.StartsWith(
            why, new ProbeTarget.Log { Fatal = pattern }.Fault(ProbeKind.Liveness), StringComparison.Ordinal);
    }

    [Fact]
    public void One_of_the_patterns_must_be_given()
    {
        Assert.Equal("log takes a fatal or a ready pattern", new ProbeTarget.Log().Fault(ProbeKind.Liveness));
        Assert.Null(new ProbeTarget.Log { Ready = "ok" }.Fault(ProbeKind.Startup));
    }

    private IProbe Make(ProbeTarget.Log target) => target.Make(new ProbeServices(TimeProvider.System) { Log = _log });

    /// <summary>Gives each line once, like the tap of the supervisor.</summary>
    private sealed class ScriptedLog : ILogTap
    {
        private readonly List<string> _lines = [];
        private long _instance = 1;

        public List<string> Given { get; } = [];

        public bool Fails { get; set; }

        public long SkippedBytes { get; set; }

        public void Write(params string[] lines) => _lines.AddRange(lines);

        public void BeginInstance(long instance)
        {
            _instance = instance;
            _lines.Clear();
        }

        public ValueTask<LogTapLines> ReadAsync(
            long instance, long? position, int mostBytes, CancellationToken cancellationToken)
        {
            Assert.Equal(_instance, instance);
            var lines = _lines[(int)(position ?? 0)..];
            if (Fails)
            {
                throw new IOException("the disk is gone");
            }

            Given.AddRange(lines);
            return ValueTask.FromResult(new LogTapLines(lines, _lines.Count, SkippedBytes));
        }
    }
}
