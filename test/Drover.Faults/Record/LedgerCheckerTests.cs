using System.Text.Json;
using Drover.Faults.Rig;
using Drover.Wire.Commands;
using Drover.Wire.People;

namespace Drover.Faults.Record;

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
    public void A_restart_done_twice_is_found() =>
        Found(Good() with { Engine = [.. Good().Engine, new("web", "restart", Later)] }, "was restarted 2 times");

    [Fact]
    public void A_restart_that_was_reported_and_not_done_is_found() => Found(
        Good() with { Engine = [.. Good().Engine.Where(one => one.Action != "restart")] }, "was restarted 0 times");

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void An_interrupted_restart_may_have_been_done_or_not(int done)
    {
        var interrupted = Restart() with
        {
            Status = CommandStates.Failed,
            Errors = [new CommandErrorDto(CommandErrors.Interrupted, "cut short")],
        };
        var run = Good() with
        {
            Commands = [interrupted],
            Engine = [.. Good().Engine.Where(one => one.Action != "restart" || done == 1)],
            Events =
            [
                .. Good().Events.Where(one => one.Type != "command.completed"), CommandEvent("command.failed"),
            ],
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
        [],
        [Restart()],
        [
            Event("host.enrolled", "box", null), CommandEvent("command.queued"), CommandEvent("command.leased"),
            ContainerEvent("container.died"), ContainerEvent("container.started"), CommandEvent("command.completed"),
        ],
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

    private static EventDto ContainerEvent(string type) => Event(type, "web", null);

    private static EventDto CommandEvent(string type) => Event(type, "web", Json("""{"command_id":"cmd_1"}"""));

    private static EventDto Event(string type, string subject, JsonElement? data) =>
        new("1", type, Later, "/server", subject, "info", data);

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement.Clone();
}
