using Drover.Core.Events;
using Drover.Core.Trust;
using Drover.Runtime.Uplink;
using Drover.Testing.Agents;
using Drover.Wire;
using Drover.Wire.Agents;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.Runtime.Tests.Uplink;

/// <summary>The link of a role that tells its server events and nothing else.</summary>
public sealed class RoleUplinkTests : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();
    private readonly List<RoleUplink> _links = [];
    private FakeControlServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await FakeControlServer.StartNewAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var link in _links)
        {
            await link.DisposeAsync();
        }

        await _server.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task What_is_told_before_the_role_has_enrolled_reaches_the_server_in_order_and_once()
    {
        var spec = Spec();
        await _server.GoAwayAsync();
        var link = Start(spec);
        Tell(link, Enumerable.Range(0, 300));
        await AgentBench.UntilAsync(() => link.Waiting == 300, "all on disk");

        _server.LoseAnswer(Routes.Enroll);
        _server.LoseAnswer(Routes.AgentEvents);
        await _server.ComeBackAsync();
        await AgentBench.UntilAsync(() => link.Waiting == 0, "the server has all");

        Assert.Equal(Subjects(Enumerable.Range(0, 300)), _server.Events.Select(one => one.Subject));
        Assert.All(_server.Enrollments, one => Assert.Equal(AgentKinds.Supervisor, one.Kind));
    }

    [Fact]
    public async Task Cut_short_it_goes_on_where_it_was_and_what_is_told_again_is_kept_once()
    {
        var spec = Spec();
        await _server.GoAwayAsync();
        var first = Start(spec);
        Tell(first, Enumerable.Range(1, 5), "life-1");
        await AgentBench.UntilAsync(() => first.Waiting == 5, "all on disk");
        await CutAsync(first);

        var second = Start(spec);
        Tell(second, Enumerable.Range(3, 5), "life-1");
        await AgentBench.UntilAsync(() => second.Waiting == 7, "what is new is on disk");
        await CutAsync(second);

        await _server.ComeBackAsync();
        var third = Start(spec);
        Tell(third, Enumerable.Range(1, 9), "life-1");
        await AgentBench.UntilAsync(() => _server.Events.Any(one => one.Subject == "n9"), "the last");
        Tell(third, Enumerable.Range(1, 1), "life-2");
        await AgentBench.UntilAsync(() => _server.Events.Count == 10, "that of another stream");

        Assert.Equal(Subjects([.. Enumerable.Range(1, 9), 1]), _server.Events.Select(one => one.Subject));
    }

    [Fact]
    public async Task Whoever_told_an_event_hears_that_it_is_kept_also_when_it_was_kept_before()
    {
        var link = Start(Spec());
        var mark = new EventMark("web", "life", 1);
        foreach (var _ in Enumerable.Range(0, 2))
        {
            var kept = new TaskCompletionSource();
            link.Tell(Event(1), mark, kept.SetResult);
            await kept.Task.WaitAsync(TimeSpan.FromSeconds(20), Token);
        }

        await AgentBench.UntilAsync(() => link.Waiting == 0, "the server has it");
        Assert.Single(_server.Events);
    }

    [Fact]
    public async Task A_refused_token_ends_nothing_and_the_next_start_with_a_good_one_brings_what_waited()
    {
        var spec = Spec() with { Token = SecretToken.Create(SecretToken.EnrollmentPrefix) };
        var link = Start(spec);
        Tell(link, [1]);
        await AgentBench.UntilAsync(
            () => link.Failure?.Contains("refused the token", StringComparison.Ordinal) is true, "the refusal");
        Tell(link, [2]);
        await AgentBench.UntilAsync(() => link.Waiting == 2, "both on disk");
        await CutAsync(link);
        Assert.Single(_server.Enrollments);

        Start(spec with { Token = _server.IssueToken() });
        await AgentBench.UntilAsync(() => _server.Events.Count == 2, "both at the server");
        Assert.Equal(["n1", "n2"], _server.Events.Select(one => one.Subject));
    }

    [Fact]
    public async Task Without_credentials_and_token_it_says_what_is_missing_and_keeps_events()
    {
        var link = Start(Spec() with { Token = null });
        Tell(link, [1]);
        await AgentBench.UntilAsync(() => link.Waiting == 1, "it on disk");
        await AgentBench.UntilAsync(
            () => link.Failure?.Contains("drover token create", StringComparison.Ordinal) is true, "the sentence");
        Assert.StartsWith("cannot tell the server: there are neither credentials at", link.Failure);
    }

    [Fact]
    public async Task It_beats_says_nothing_of_an_engine_and_goodbye_when_it_stops_with_everything_told()
    {
        _server.NextIn = 1;
        var link = Start(Spec());
        await AgentBench.UntilAsync(() => _server.Heartbeats.Count >= 2, "two heartbeats");
        Tell(link, [1, 2]);
        await link.StopAsync(Token);

        Assert.Equal(["n1", "n2"], _server.Events.Select(one => one.Subject));
        Assert.All(_server.Heartbeats, one => Assert.Null(one.Beat.Docker));
        Assert.True(_server.Heartbeats.Last().Beat.Goodbye);
        Assert.Empty(_server.Forgeries);
    }

    [Fact]
    public async Task It_takes_a_new_key_when_the_server_orders_one()
    {
        _server.NextIn = 1;
        var link = Start(Spec());
        await AgentBench.UntilAsync(() => !_server.Heartbeats.IsEmpty, "a heartbeat");
        _server.OrdersKey = true;
        await AgentBench.UntilAsync(() => !_server.OrdersKey, "it signs with the new key");
        Tell(link, [1]);
        await AgentBench.UntilAsync(() => _server.Events.Count == 1, "an event under the new key");
        Assert.Empty(_server.Forgeries);
    }

    [Fact]
    public async Task A_spool_that_was_full_is_told_as_an_alert_with_the_number_lost()
    {
        var spec = Spec() with { EventSpoolBytes = 64 << 10 };
        await _server.GoAwayAsync();
        var link = Start(spec);
        const int Count = 2000;
        var kept = 0;
        foreach (var number in Enumerable.Range(0, Count))
        {
            link.Tell(Event(number), mark: null, () => Interlocked.Increment(ref kept));
        }

        await AgentBench.UntilAsync(() => Volatile.Read(ref kept) == Count, "all were written");
        await _server.ComeBackAsync();
        await AgentBench.UntilAsync(() => _server.Events.Any(one => one.Subject == $"n{Count - 1}"), "the last");

        var lost = _server.Events.Where(one => one.Type == EventTypes.AlertLoss.Name)
            .Sum(one => one.Data!.Value.GetProperty("dropped").GetInt64());
        Assert.True(lost > 0);
        Assert.Equal(Count, lost + _server.Events.Count(one => one.Type != EventTypes.AlertLoss.Name));
        Assert.Equal(EventTypes.AlertLoss.Name, _server.Events.First().Type);
    }

    private UplinkSpec Spec() => new()
    {
        Purpose = "tell the server",
        Kind = AgentKinds.Supervisor,
        Directory = _directory.File("uplink"),
        CredentialsFile = _directory.File("uplink/agent.json"),
        Server = _server.Address,
        ServerKey = "role.server",
        Token = _server.IssueToken(),
        Name = "alice",
        Version = "1.2.3",
    };

    private RoleUplink Start(UplinkSpec spec)
    {
        var link = RoleUplink.Start(spec, NullLoggerFactory.Instance, TimeProvider.System);
        _links.Add(link);
        return link;
    }

    private async Task CutAsync(RoleUplink link)
    {
        _links.Remove(link);
        await link.DisposeAsync();
    }

    private static void Tell(RoleUplink link, IEnumerable<int> numbers, string? stream = null)
    {
        foreach (var number in numbers)
        {
            link.Tell(Event(number), stream is null ? null : new EventMark("web", stream, number));
        }
    }

    private static AgentEventDto Event(int number) => ReportedEvents.Make(
        EventTypes.ComponentStarted, DateTimeOffset.UnixEpoch, $"n{number}", writer =>
            writer.WriteNumber("instance", number));

    private static IEnumerable<string> Subjects(IEnumerable<int> numbers) => numbers.Select(number => $"n{number}");
}
