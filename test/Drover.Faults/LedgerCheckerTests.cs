using System.Globalization;
using System.Text.Json;
using Drover.Testing.Ledger;
using Drover.Wire.Commands;
using Drover.Wire.People;

namespace Drover.Faults;

/// <summary>The checker finds what it is there to find: each kind of loss and doubling, in a ledger by hand.</summary>
public sealed class LedgerCheckerTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Later = Start.AddMinutes(1);

    [Fact]
    public void A_run_in_which_all_is_well_has_no_word_against_it() => Assert.Empty(LedgerChecker.Check(Good()));

    [Fact]
    public void An_accepted_command_that_the_server_lost_is_found() =>
        Found(Good() with { Commands = [] }, "does not have it once");

    [Fact]
    public void A_command_without_an_outcome_is_found() =>
        Found(Good() with { Commands = [Restart() with { Status = CommandStates.Executing }] }, "without an outcome");

    [Fact]
    public void A_command_that_nobody_was_told_of_is_found() =>
        Found(Good() with { Accepted = [] }, "nobody was told");

    [Fact]
    public void A_second_end_of_a_command_is_found() =>
        Found(Good() with { Events = [.. Good().Events, CommandEvent("command.completed")] }, "its events are");

    [Fact]
    public void A_command_that_is_given_out_after_its_end_is_found() =>
        Found(Good() with { Events = [.. Good().Events, CommandEvent("command.leased")] }, "its events are");

    [Fact]
    public void A_command_may_be_given_out_again_before_its_end()
    {
        var events = Good().Events.ToList();
        events.Insert(3, CommandEvent("command.leased"));

        Assert.Empty(LedgerChecker.Check(Good() with { Events = Numbered(events) }));
    }

    [Fact]
    public void A_command_whose_end_was_never_told_is_found() => Found(
        Good() with { Events = [.. Good().Events.Where(one => one.Type != "command.completed")] }, "its events are");

    [Fact]
    public void A_completed_command_without_its_result_is_found() =>
        Found(Good() with { Commands = [Restart() with { Result = null }] }, "completed without a result");

    [Fact]
    public void A_failure_that_nothing_explains_is_found() => Found(
        Good() with
        {
            Commands = [Restart() with { Status = CommandStates.Failed, Errors = [new("engine_error", "no")] }],
        },
        "failed with engine_error");

    [Fact]
    public void A_restart_done_twice_is_found() =>
        Found(Good() with { Engine = [.. Good().Engine, new("web", "restart", Later)] }, "was restarted 2 times");

    [Fact]
    public void A_restart_that_was_reported_and_not_done_is_found() => Found(
        Good() with { Engine = [.. Good().Engine.Where(one => one.Action != "restart")] }, "was restarted 0 times");

    [Theory]
    [InlineData(CommandErrors.Interrupted, 0)]
    [InlineData(CommandErrors.Interrupted, 1)]
    [InlineData(CommandErrors.DeadlineExceeded, 0)]
    [InlineData(CommandErrors.DeadlineExceeded, 1)]
    public void A_restart_that_was_cut_short_may_have_been_done_or_not(string code, int done)
    {
        var interrupted = Restart() with
        {
            Status = CommandStates.Failed,
            Errors = [new CommandErrorDto(code, "cut short")],
        };
        var run = Good() with
        {
            Commands = [interrupted],
            Engine = [.. Good().Engine.Where(one => one.Action != "restart" || done == 1)],
            Events = Numbered(
                [.. Good().Events.Where(one => one.Type != "command.completed"), CommandEvent("command.failed")]),
        };

        Assert.Empty(LedgerChecker.Check(run));
    }

    [Fact]
    public void A_host_that_is_there_twice_is_found() =>
        Found(Good() with { Hosts = [.. Good().Hosts, .. Good().Hosts] }, "the server has 2");

    [Fact]
    public void An_event_told_twice_is_found() =>
        Found(Good() with { Events = [.. Good().Events, ContainerEvent("container.died")] }, "was told twice");

    [Fact]
    public void Events_in_the_wrong_order_are_found() =>
        Found(Good() with { Events = [.. Good().Events.Reverse()] }, "out of order");

    [Fact]
    public void Ids_that_do_not_rise_are_found()
    {
        var events = Good().Events.ToList();
        events[2] = events[2] with { Id = "1" };

        Found(Good() with { Events = events }, "comes behind event");
    }

    [Fact]
    public void An_event_of_a_container_that_never_was_is_found() => Found(
        Good() with { Events = [.. Good().Events, Event("container.started", "ghost", null)] }, "never happened");

    [Fact]
    public void A_dropped_event_that_the_system_itself_tells_of_is_found() =>
        Found(Good() with { Events = [.. Good().Events, Event("alert.loss", "events", null)] }, "alert.loss was told");

    [Fact]
    public void A_host_called_offline_is_found_unless_its_agent_was_away_so_long()
    {
        var run = Good() with { Events = [.. Good().Events, Event("host.offline", "box", null) with { Id = "99" }] };

        Found(run, "never away for so long");
        Assert.Empty(LedgerChecker.Check(
            run with { AgentOutages = [new Outage(Later.AddSeconds(10), Later.AddSeconds(90))] }));
    }

    [Fact]
    public void The_last_event_missing_is_found_even_if_the_agent_was_away() => Found(
        Good() with
        {
            Events = [.. Good().Events.Where(one => one.Type != "container.started")],
            AgentOutages = [new Outage(Later, Later)],
        },
        "never came");

    [Fact]
    public void An_event_missing_before_others_is_found_unless_the_agent_was_away()
    {
        var run = Good() with { Events = [.. Good().Events.Where(one => one.Type != "container.died")] };

        Found(run, "the host agent was there");
        Assert.Empty(LedgerChecker.Check(run with { AgentOutages = [new Outage(Later, Later.AddSeconds(1))] }));
    }

    private static void Found(RunLedger run, string words) =>
        Assert.Contains(LedgerChecker.Check(run), one => one.Contains(words, StringComparison.Ordinal));

    private static RunLedger Good() => new(
        [new AcceptedOrder("cmd_1", CommandTypes.Restart, "web")],
        [new("web", "die", Later), new("web", "start", Later), new("web", "restart", Later)],
        Start,
        [],
        [Restart()],
        Numbered(
        [
            Event("host.enrolled", "box", null), CommandEvent("command.queued"), CommandEvent("command.leased"),
            ContainerEvent("container.died"), ContainerEvent("container.started"), CommandEvent("command.completed"),
        ]),
        [
            new HostDto
            {
                HostId = "h", DeploymentHash = "d", Name = "box", Kind = "host_agent", State = "live",
                EnrolledAt = Start,
            },
        ],
        []);

    private static CommandDto Restart() => new(
        "1", "cmd_1", "d", CommandTypes.Restart, CommandStates.Completed, "normal", null, Json("{}"), null, "alice",
        Later,
        Later, 60, null)
    {
        AppCode = "web",
    };

    private static IReadOnlyList<EventDto> Numbered(IEnumerable<EventDto> events) =>
        [.. events.Select((one, index) => one with { Id = (index + 1).ToString(CultureInfo.InvariantCulture) })];

    private static EventDto ContainerEvent(string type) => Event(type, "web", null);

    private static EventDto CommandEvent(string type) => Event(type, "web", Json("""{"command_id":"cmd_1"}"""));

    private static EventDto Event(string type, string subject, JsonElement? data) =>
        new("1", type, Later, "/server", subject, "info", data);

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement.Clone();
}
