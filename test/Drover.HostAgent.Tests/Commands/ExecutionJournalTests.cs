using Drover.HostAgent.Commands;
using Drover.Testing.Agents;
using Drover.Testing.Time;
using Drover.Wire.Commands;

namespace Drover.HostAgent.Tests.Commands;

public sealed class ExecutionJournalTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly FakeClock _clock = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void What_was_begun_finished_and_settled_is_known_after_a_restart()
    {
        using (var journal = Open())
        {
            journal.Begin("begun", "restart", "web");
            journal.Begin("finished", "stop", "db");
            journal.Finish(Report("finished"));
            journal.Begin("settled", "start", "db");
            journal.Finish(Report("settled"));
            journal.Settle("settled");
        }

        using var again = Open();
        Assert.Equal(
            ("restart", "web", false),
            (again.Find("begun")!.Type, again.Find("begun")!.AppCode, again.Find("begun")!.IsFinished));
        Assert.Equal("finished", again.Find("finished")!.Report!.CommandId);
        Assert.True(again.Find("settled")!.IsSettled);
        Assert.Equal(["begun", "finished"], again.Unsettled().Select(entry => entry.CommandId).Order());
        Assert.Null(again.Find("never"));
    }

    [Fact]
    public void A_journal_cut_at_any_byte_opens_and_knows_all_that_was_promised()
    {
        using (var journal = Open())
        {
            journal.Begin("one", "restart", "web");
            journal.Begin("two", "restart", "web");
        }

        var whole = File.ReadAllBytes(_directory.File("journal"));
        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(_directory.File("journal"), whole[..length]);
            using var journal = Open();
            Assert.True(journal.Find("two") is null || journal.Find("one") is not null);
        }
    }

    [Fact]
    public void Settled_commands_are_forgotten_by_number_and_age_and_unsettled_ones_never()
    {
        using var journal = Open();
        journal.Begin("unsettled", "restart", "web");
        for (var count = 0; count < 2_500; count++)
        {
            journal.Begin($"cmd-{count}", "restart", "web");
            journal.Settle($"cmd-{count}");
        }

        Assert.Null(journal.Find("cmd-0"));
        Assert.NotNull(journal.Find("cmd-2499"));
        _clock.Advance(TimeSpan.FromDays(3));
        journal.Begin("last", "restart", "web");
        journal.Settle("last");
        Assert.Null(journal.Find("cmd-2499"));
        Assert.NotNull(journal.Find("unsettled"));
    }

    [Fact]
    public void No_number_of_looks_makes_an_action_forgotten_before_its_time()
    {
        using (var journal = Open())
        {
            Settle(journal, "action", "restart");
            for (var count = 0; count < 2_500; count++)
            {
                Settle(journal, $"look-{count}", "health");
            }

            Assert.Null(journal.Find("look-0"));
            Assert.NotNull(journal.Find("action"));
        }

        using var again = Open();
        Assert.NotNull(again.Find("action"));
        _clock.Advance(TimeSpan.FromDays(3));
        Settle(again, "last", "restart");
        Assert.Null(again.Find("action"));
    }

    [Fact]
    public void A_report_too_large_to_keep_is_known_as_finished_without_it()
    {
        using var journal = Open();
        journal.Begin("large", "logs", "web");
        journal.Finish(Report("large") with { Error = new string('x', 100_000) });

        Assert.True(journal.Find("large")!.IsFinished);
        Assert.Null(journal.Find("large")!.Report);
    }

    private static void Settle(ExecutionJournal journal, string commandId, string type)
    {
        journal.Begin(commandId, type, "web");
        journal.Settle(commandId);
    }

    private ExecutionJournal Open() => ExecutionJournal.Open(_directory.File("journal"), _clock);

    private ReportRequest Report(string commandId) => new(
        commandId,
        "hash-1",
        ReportRequest.Success,
        _clock.GetUtcNow(),
        null,
        null,
        null,
        null,
        ControlPlanes.StatusPanel);
}
