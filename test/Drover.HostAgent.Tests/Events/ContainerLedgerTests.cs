using System.Collections.Immutable;
using Drover.HostAgent.Events;
using Drover.HostAgent.Inventory;
using Drover.Runtime.Docker;
using Drover.Runtime.Docker.Events;
using Drover.Wire.Inventory;

namespace Drover.HostAgent.Tests.Events;

public sealed class ContainerLedgerTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(2000);

    [Fact]
    public void The_first_picture_of_all_is_the_beginning_and_not_news()
    {
        var ledger = new ContainerLedger([]);
        Assert.Empty(ledger.Tell(Picture(Running("web", 10)), Now));
        Assert.NotEmpty(ledger.TakeChanges());
    }

    [Fact]
    public void Events_are_told_with_the_engines_exact_time_and_exit_code()
    {
        var ledger = Settled(Running("web", 10));
        var died = ledger.Tell(Event("die", "web", 20, nanos: 123_456_700, exitCode: "137"), Now)!.Event;
        Assert.Equal(("container.died", "web", "warning"), (died.Type, died.Subject, died.Severity));
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(20).AddTicks(1_234_567), died.Time);
        Assert.Equal(
            """{"app_code":"web","name":"web","image":"img","exit_code":137}""", died.Data!.Value.GetRawText());
    }

    [Theory]
    [InlineData("create", null, "container.created")]
    [InlineData("start", null, "container.started")]
    [InlineData("oom", null, "container.oom")]
    [InlineData("health_status", "healthy", "container.healthy")]
    [InlineData("health_status", "unhealthy", "container.unhealthy")]
    [InlineData("pause", null, "container.paused")]
    [InlineData("destroy", null, "container.removed")]
    [InlineData("exec_create", null, null)]
    [InlineData("health_status", "starting", null)]
    [InlineData("kill", null, null)]
    [InlineData("rename", null, null)]
    public void Each_action_of_the_engine_is_its_event_of_the_closed_set_or_none(
        string action, string? detail, string? type) =>
        Assert.Equal(
            type, new ContainerLedger([]).Tell(Event(action, "new", 20) with { Detail = detail }, Now)?.Event.Type);

    [Fact]
    public void A_finished_job_is_no_warning()
    {
        var ledger = Settled(Running("job", 10));
        Assert.Equal("info", ledger.Tell(Event("die", "job", 20, exitCode: "0"), Now)!.Event.Severity);
    }

    [Fact]
    public void After_a_gap_the_differences_are_told_in_the_order_of_their_times()
    {
        var ledger = Restarted(Settled(Running("web", 10), Running("db", 10), Running("old", 10)));
        ledger.BeginGap();
        var news = ledger.Tell(
            Picture(Exited("web", 10, finished: 40, code: 1), Running("db", 30), Running("new", 36)), Now);

        Assert.Equal(
            [
                "container.started db",
                "container.created new",
                "container.started new",
                "container.died web",
                "container.removed old",
            ],
            news.Select(one => $"{one.Event.Type} {one.Event.Subject}"));
        Assert.Equal(
            DateTimeOffset.FromUnixTimeSeconds(40), news.Single(one => one.Event.Subject == "web").Event.Time);
    }

    [Fact]
    public void Nothing_changed_over_a_gap_is_no_news()
    {
        var ledger = Settled(Running("web", 10));
        ledger.Tell(Event("die", "web", 20), Now);
        ledger.Tell(Event("start", "web", 21, nanos: 5_000_000), Now);
        var again = Restarted(ledger);
        again.BeginGap();
        Assert.Empty(again.Tell(Picture(Running("web", 21)), Now));
    }

    [Fact]
    public void A_run_that_began_and_ended_within_the_gap_is_told_as_its_end()
    {
        var ledger = Settled(Exited("job", 10, finished: 11, code: 0));
        ledger.BeginGap();
        var news = ledger.Tell(Picture(Exited("job", 30, finished: 31, code: 2)), Now);
        Assert.Equal(["container.died job"], news.Select(one => $"{one.Event.Type} {one.Event.Subject}"));
    }

    [Fact]
    public void The_end_of_a_run_whose_start_was_missed_is_told_once_over_the_next_gap()
    {
        var ledger = Settled(Exited("web", 10, finished: 11, code: 0));
        ledger.BeginGap();
        Assert.Equal("container.died", ledger.Tell(Event("die", "web", 31), Now)!.Event.Type);
        Assert.Empty(ledger.Tell(Picture(Exited("web", 30, finished: 31, code: 2)), Now));

        ledger = Restarted(ledger);
        ledger.BeginGap();
        Assert.Empty(ledger.Tell(Picture(Exited("web", 30, finished: 31, code: 2)), Now));
        ledger.BeginGap();
        Assert.Single(ledger.Tell(Picture(Exited("web", 40, finished: 41, code: 2)), Now));
    }

    [Fact]
    public void An_event_that_the_picture_already_told_is_not_told_twice()
    {
        var ledger = Settled(Running("web", 10), Running("db", 10));
        ledger.BeginGap();
        Assert.Equal(2, ledger.Tell(Picture(Running("web", 30), Exited("db", 10, finished: 30, code: 1)), Now).Count);

        Assert.Null(ledger.Tell(Event("die", "web", 29), Now));
        Assert.Null(ledger.Tell(Event("start", "web", 30, nanos: 2_000_000), Now));
        Assert.Null(ledger.Tell(Event("die", "db", 30, nanos: 3_000_000), Now));
        Assert.Equal("container.died", ledger.Tell(Event("die", "web", 30, nanos: 500_000_000), Now)!.Event.Type);
        Assert.Equal("container.started", ledger.Tell(Event("start", "db", 31), Now)!.Event.Type);
    }

    [Fact]
    public void A_container_that_had_an_event_since_the_gap_is_taken_from_its_events_alone()
    {
        var ledger = Settled(Running("web", 10));
        ledger.BeginGap();
        Assert.Equal("container.died", ledger.Tell(Event("die", "web", 50), Now)!.Event.Type);
        Assert.Empty(ledger.Tell(Picture(Running("web", 10)), Now));
        Assert.Equal("container.started", ledger.Tell(Event("start", "web", 51), Now)!.Event.Type);
    }

    [Fact]
    public void A_start_after_a_gap_is_told_although_the_container_was_last_told_running()
    {
        var ledger = Settled(Running("web", 10));
        ledger.BeginGap();
        Assert.Equal("container.started", ledger.Tell(Event("start", "web", 50), Now)!.Event.Type);
    }

    [Fact]
    public void A_removal_seen_in_the_picture_is_not_told_again_by_its_event()
    {
        var ledger = Settled(Running("web", 10));
        ledger.BeginGap();
        Assert.Equal("container.removed", Assert.Single(ledger.Tell(Picture(), Now)).Event.Type);
        Assert.Null(ledger.Tell(Event("die", "web", 50), Now));
        Assert.Null(ledger.Tell(Event("destroy", "web", 51), Now));
    }

    [Fact]
    public void A_container_that_compose_recreates_is_told_under_the_name_it_has_at_each_event()
    {
        var ledger = Settled();
        Assert.Equal("3f2a_shop-web-1", ledger.Tell(Named("create", "3f2a_shop-web-1", 20), Now)!.Event.Subject);
        Assert.Null(ledger.Tell(Named("rename", "shop-web-1", 21), Now));

        var started = ledger.Tell(Named("start", "shop-web-1", 22), Now)!.Event;

        Assert.Equal("shop-web-1", started.Subject);
        Assert.Equal(
            """{"app_code":"shop-web-1","name":"shop-web-1","image":"img"}""", started.Data!.Value.GetRawText());
        Assert.Equal("shop-web-1", Restarted(ledger).Snapshot()[^1].Name);
    }

    [Fact]
    public void A_rename_alone_is_no_news_is_remembered_and_leaves_a_labels_app_code_alone()
    {
        var ledger = Settled();
        ledger.Tell(Named("create", "web-1", 20, "shop"), Now);
        ledger.Tell(Named("start", "web-1", 21, "shop"), Now);
        Assert.Null(ledger.Tell(Named("rename", "web-2", 22, "shop"), Now));

        var again = Restarted(ledger);
        again.BeginGap();
        var removed = Assert.Single(again.Tell(Picture(), Now)).Event;

        Assert.Equal(("container.removed", "web-2"), (removed.Type, removed.Subject));
        Assert.Equal("shop", removed.Data!.Value.GetProperty("app_code").GetString());
    }

    [Fact]
    public void An_engine_whose_clock_was_set_back_is_not_silenced()
    {
        var ledger = Settled(Running("web", 1000));
        Assert.Null(ledger.Tell(Event("die", "web", 20), Now));
        Assert.Equal("container.died", ledger.Tell(Event("die", "web", 21), Now.AddMinutes(1))!.Event.Type);
    }

    [Fact]
    public void The_stored_ledger_is_the_same_ledger()
    {
        var ledger = Settled(Running("web", 10), Running("db", 10));
        ledger.Tell(Event("die", "web", 20), Now);
        ledger.Tell(Event("destroy", "db", 21), Now);
        var again = Restarted(ledger);
        Assert.Equal(ledger.Snapshot(), again.Snapshot());
    }

    private static ContainerLedger Settled(params ContainerDto[] containers)
    {
        var ledger = new ContainerLedger([]);
        ledger.BeginGap();
        ledger.Tell(Picture(containers), Now);
        return ledger;
    }

    /// <summary>As after a restart of the agent: what its file holds is all it knows.</summary>
    private static ContainerLedger Restarted(ContainerLedger ledger) => new(ledger.TakeChanges());

    private static InventoryPicture Picture(params ContainerDto[] containers) =>
        new(
            containers.ToImmutableDictionary(
                container => container.DockerId, container => KnownContainer.Of(container, "")));

    private static ContainerDto Running(string name, long started) => new()
    {
        DockerId = "id-" + name,
        Name = name,
        Image = "img",
        State = "running",
        CreatedAt = new EngineTimestamp(started - 5, 0).ToString(),
        StartedAt = new EngineTimestamp(started, 0).ToString(),
    };

    private static ContainerDto Exited(string name, long started, long finished, int code) =>
        Running(name, started) with
        {
            State = "exited",
            ExitCode = code,
            FinishedAt = new EngineTimestamp(finished, 0).ToString(),
        };

    private static DockerEvent Named(string action, string name, long seconds, string? app = null)
    {
        var attributes = new Dictionary<string, string> { ["name"] = name, ["image"] = "img" };
        if (app is not null)
        {
            attributes["drover.app"] = app;
        }

        return new DockerEvent("container", action, null, "id-1", attributes, new EngineTimestamp(seconds, 0));
    }

    private static DockerEvent Event(string action, string name, long seconds, int nanos = 0, string? exitCode = null)
    {
        var attributes = new Dictionary<string, string> { ["name"] = name, ["image"] = "img" };
        if (exitCode is not null)
        {
            attributes["exitCode"] = exitCode;
        }

        return new DockerEvent(
            "container", action, null, "id-" + name, attributes, new EngineTimestamp(seconds, nanos));
    }
}
