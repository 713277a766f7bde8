using Drover.Core.Events;
using Drover.Runtime.Events;
using Drover.Testing.Time;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.Runtime.Tests.Events;

/// <summary>Where a role's events get their order, their fields and their readers.</summary>
public sealed class EventJournalTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    private readonly FakeClock _clock = new(Start);

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_are_machine_readable_log_fields_plus_a_channel_for_later_consumers()
    {
        var fields = new LoggedFields();
        EventPage page;
        await using (var journal = Journal(new EventLogSink(fields)))
        {
            journal.Publish(EventTypes.AgentReady, "dutybound", ("cause", "request"), ("duration_ms", 1250));
            page = journal.Feed.Read(journal.Feed.Oldest);
        }

        var logged = Assert.Single(fields.Lines);
        Assert.Equal(LogLevel.Information, logged.Level);
        Assert.Equal("agent.ready", logged.Fields["EventType"]);
        Assert.Equal("dutybound", logged.Fields["Subject"]);
        Assert.Equal("7-1", logged.Fields["Id"]);
        Assert.Equal("""{"cause":"request","duration_ms":1250}""", logged.Fields["Data"]);
        var fed = Assert.Single(page.Events);
        Assert.Equal(("7-1", "dutybound", Start), (fed.Id, fed.Subject, fed.Time));
        Assert.Equal(1250, fed.Data.GetProperty("duration_ms").GetInt32());
    }

    [Fact]
    public async Task Every_event_has_its_place_in_one_order_that_all_sinks_see()
    {
        var (one, other) = (new Taken(), new Taken());
        await using (var journal = Journal(one, other))
        {
            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(
                () =>
                {
                    for (var at = 0; at < 200; at++)
                    {
                        journal.Publish(EventTypes.AgentWake, "scout");
                    }
                },
                Ending)));
        }

        Assert.Equal(Enumerable.Range(1, 800).Select(number => $"7-{number}"), one.Ids);
        Assert.Equal(one.Ids, other.Ids);
    }

    [Fact]
    public async Task A_sink_that_breaks_keeps_no_other_from_being_told()
    {
        var after = new Taken();
        await using (var journal = Journal(new Broken(), after))
        {
            journal.Publish(EventTypes.AgentWake, "scout");
            journal.Publish(EventTypes.AgentSleep, "scout");
        }

        Assert.Equal(["7-1", "7-2"], after.Ids);
    }

    [Fact]
    public async Task Secrets_in_the_data_of_an_event_are_taken_out_and_texts_are_bounded()
    {
        await using var journal = Journal();
        var key = "AKIA" + "IOSFODNN7EXAMPLE";
        journal.Publish(
            EventTypes.AgentDegraded,
            "scout",
            ("message", $"aws said {key}"),
            ("cause", new string('x', 5000)),
            ("node", null));

        var data = journal.Feed.Read(journal.Feed.Oldest).Events[0].Data;
        Assert.DoesNotContain(key, data.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(1000, data.GetProperty("cause").GetString()!.Length);
        Assert.False(data.TryGetProperty("node", out _));
    }

    [Fact]
    public async Task A_reader_that_resumes_after_an_overflow_is_told_what_is_missing()
    {
        await using var journal = Journal();
        for (var at = 0; at < EventFeed.Size + 10; at++)
        {
            journal.Publish(EventTypes.AgentWake, "scout");
        }

        var page = journal.Feed.Read(new EventCursor(7, 3));
        Assert.True(page.IsGap);
        Assert.Equal(7, page.Missing);
        Assert.Equal("7-11", page.Events[0].Id);
        var next = journal.Feed.Read(page.Through);
        Assert.False(next.IsGap);
        Assert.Equal($"7-{page.Through.Number + 1}", next.Events[0].Id);
    }

    [Fact]
    public async Task A_reader_that_resumes_after_a_restart_gets_all_of_this_run_and_is_told_that_more_may_be_missing()
    {
        await using var journal = Journal();
        journal.Publish(EventTypes.AgentWake, "scout");

        Assert.True(EventCursor.TryParse("6-900", out var before));
        var page = journal.Feed.Read(before);
        Assert.True(page.IsGap);
        Assert.Null(page.Missing);
        Assert.Equal("7-1", Assert.Single(page.Events).Id);
        Assert.False(EventCursor.TryParse("6-900-1", out _));
        Assert.False(EventCursor.TryParse("-1-9", out _));
    }

    [Fact]
    public async Task A_follower_is_told_as_it_happens_and_gets_signs_of_life_meanwhile()
    {
        await using var journal = Journal();
        await using var pages = journal.Feed
            .FollowAsync(journal.Feed.Newest, Seconds(15), _clock, Ending).GetAsyncEnumerator(Ending);
        var first = pages.MoveNextAsync().AsTask();
        await _clock.WaitForTimersAsync(1, Ending);
        _clock.Advance(Seconds(15));
        Assert.True(await first);
        Assert.Empty(pages.Current.Events);

        var second = pages.MoveNextAsync().AsTask();
        journal.Publish(EventTypes.AgentWake, "scout");
        Assert.True(await second);
        Assert.Equal("7-1", Assert.Single(pages.Current.Events).Id);
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    private EventJournal Journal(params IReadOnlyList<IEventSink> sinks) =>
        new("/gateways/edge", run: 7, sinks, _clock, NullLogger<EventJournal>.Instance);

    private sealed class Taken : IEventSink
    {
        public List<string> Ids { get; } = [];

        public void Take(RoleEvent one) => Ids.Add(one.Id);
    }

    private sealed class Broken : IEventSink
    {
        public void Take(RoleEvent one) => throw new InvalidOperationException("broken");
    }

    private sealed class LoggedFields : ILogger<EventLogSink>
    {
        public List<(LogLevel Level, Dictionary<string, object?> Fields)> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter) =>
            Lines.Add((logLevel, ((IEnumerable<KeyValuePair<string, object?>>)state!).ToDictionary()));
    }
}
