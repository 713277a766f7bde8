using Drover.Core.Events;
using Drover.Core.Fleet;

namespace Drover.Core.Tests.Fleet;

public sealed class HostMachineTests
{
    private static readonly TimeSpan NextIn = Seconds(30);

    private HostStatus _status = HostStatus.Enrolled(NextIn);

    [Fact]
    public void An_enrolled_host_that_was_never_heard_raises_no_alarm_and_goes_live_with_its_first_heartbeat()
    {
        Assert.Equal(HostState.Offline, _status.State);
        Assert.Null(_status.LookAgainAt);
        Assert.Empty(Feed(new HostInput.Tick(Seconds(100_000))));

        Assert.Equal([EventTypes.HostLive], Feed(Beat(100_000)));
        Assert.Equal(HostState.Live, _status.State);
    }

    [Fact]
    public void A_host_is_late_ten_seconds_after_its_promise_and_offline_after_twice_the_promise()
    {
        Feed(Beat(0));
        Assert.Equal(Seconds(40), _status.LookAgainAt);
        Assert.Empty(Feed(new HostInput.Tick(Seconds(39.999))));

        Assert.Equal([EventTypes.HostLate], Feed(new HostInput.Tick(Seconds(40))));
        Assert.Equal("no heartbeat for 40 s, one was due every 30 s", _status.Reason);
        Assert.Equal(Seconds(60), _status.LookAgainAt);
        Assert.Empty(Feed(new HostInput.Tick(Seconds(59.999))));

        Assert.Equal([EventTypes.HostOffline], Feed(new HostInput.Tick(Seconds(60))));
        Assert.Null(_status.LookAgainAt);
    }

    [Theory]
    [InlineData(5, 15, 60)]
    [InlineData(30, 40, 60)]
    [InlineData(31, 41, 62)]
    [InlineData(300, 310, 600)]
    public void The_deadlines_follow_the_promise_of_the_last_answer(int nextIn, int late, int offline)
    {
        Assert.Equal(Seconds(late), HostMachine.LateAfter(Seconds(nextIn)));
        Assert.Equal(Seconds(offline), HostMachine.OfflineAfter(Seconds(nextIn)));

        Feed(new HostInput.Heartbeat(Seconds(7), DockerCondition.Up, Seconds(nextIn)));
        Assert.Equal(Seconds(7 + late), _status.LateAt);
        Assert.Equal(Seconds(7 + offline), _status.OfflineAt);
    }

    [Theory]
    [InlineData(DockerCondition.Down, "the Docker Engine cannot be reached")]
    [InlineData(DockerCondition.Hung, "the Docker Engine takes connections and does not answer")]
    public void A_stopped_or_hung_Docker_Engine_shows_as_docker_down_and_heals_with_the_next_good_heartbeat(
        DockerCondition docker,
        string reason)
    {
        Feed(Beat(0));
        Assert.Equal([EventTypes.HostDockerDown], Feed(Beat(30, docker)));
        Assert.Equal(HostState.DockerDown, _status.State);
        Assert.Equal(reason, _status.Reason);
        Assert.Empty(Feed(Beat(60, docker)));

        Assert.Equal([EventTypes.HostLive], Feed(Beat(90)));
        Assert.Equal("", _status.Reason);
    }

    [Fact]
    public void A_late_or_offline_host_outranks_docker_down()
    {
        Feed(Beat(0, DockerCondition.Down));
        Assert.Equal([EventTypes.HostLate], Feed(new HostInput.Tick(Seconds(40))));
        Assert.Equal([EventTypes.HostOffline], Feed(new HostInput.Tick(Seconds(60))));
        Assert.Equal([EventTypes.HostDockerDown], Feed(Beat(100, DockerCondition.Down)));
    }

    [Fact]
    public void The_silence_of_a_host_that_said_goodbye_is_no_alarm()
    {
        Feed(Beat(0));
        Assert.Equal([EventTypes.HostGoodbye], Feed(new HostInput.Goodbye(Seconds(5))));
        Assert.Null(_status.LookAgainAt);
        Assert.Empty(Feed(new HostInput.Tick(Seconds(100_000))));
        Assert.Empty(Feed(new HostInput.ServerStarted(Seconds(100_001))));
        Assert.Equal(HostState.Goodbye, _status.State);

        Assert.Equal([EventTypes.HostLive], Feed(Beat(100_010)));
    }

    [Theory]
    [InlineData(HostState.Live)]
    [InlineData(HostState.DockerDown)]
    [InlineData(HostState.Late)]
    public void A_server_restart_gives_no_false_offline(HostState stored)
    {
        _status = HostStatus.Stored(stored, "as stored", NextIn);
        Assert.Empty(Feed(new HostInput.ServerStarted(Seconds(2))));
        Assert.Equal(stored, _status.State);
        Assert.NotNull(_status.LookAgainAt);

        // A host agent that has backed off to its 60 s and 10 % of jitter is still in time.
        var before = Feed(new HostInput.Tick(Seconds(2 + 66)));
        Assert.DoesNotContain(EventTypes.HostOffline, before);
        Feed(Beat(2 + 66));
        Assert.Equal(HostState.Live, _status.State);
    }

    [Fact]
    public void A_host_that_died_while_the_server_was_away_is_late_after_the_grace_and_then_offline()
    {
        _status = HostStatus.Stored(HostState.Live, "", NextIn);
        Feed(new HostInput.ServerStarted(Seconds(0)));

        Assert.Empty(Feed(new HostInput.Tick(Seconds(59.9))));
        Assert.Equal([EventTypes.HostLate], Feed(new HostInput.Tick(Seconds(60))));
        Assert.Equal([EventTypes.HostOffline], Feed(new HostInput.Tick(_status.LookAgainAt!.Value)));
        Assert.Equal("no heartbeat for 80 s, one was due every 30 s", _status.Reason);
    }

    [Fact]
    public void A_server_that_was_stalled_for_an_hour_does_not_declare_the_fleet_offline()
    {
        Feed(Beat(0));
        Assert.Equal([EventTypes.HostLate], Feed(new HostInput.Tick(Seconds(3600))));
        Assert.Empty(Feed(new HostInput.Tick(Seconds(3601))));

        Assert.Equal([EventTypes.HostLive], Feed(Beat(3602)));
        Assert.Equal(Seconds(3642), _status.LookAgainAt);
    }

    [Fact]
    public void Every_state_answers_every_input_and_emits_exactly_the_event_of_a_changed_state()
    {
        var now = Seconds(1000);
        HostInput[] inputs =
        [
            .. Enum.GetValues<DockerCondition>().Select(docker => new HostInput.Heartbeat(now, docker, NextIn)),
            new HostInput.Goodbye(now),
            new HostInput.KeyRevoked(now),
            new HostInput.Tick(now),
            new HostInput.Tick(TimeSpan.Zero),
            new HostInput.ServerStarted(now),
        ];
        var kinds = typeof(HostInput).GetNestedTypes().Where(type => type.IsSubclassOf(typeof(HostInput)));
        Assert.Superset(kinds.ToHashSet(), inputs.Select(input => input.GetType()).ToHashSet());

        foreach (var state in Enum.GetValues<HostState>())
        {
            foreach (var input in inputs)
            {
                foreach (var status in StatusesOf(state))
                {
                    var transition = HostMachine.Decide(status, input);
                    var expected = transition.Next.State == state ? [] : new[] { EventName(transition.Next.State) };
                    Assert.Equal(expected, transition.Events.Select(type => type.Name));
                    Assert.Equal(transition.Next.State == HostState.Live, transition.Next.Reason.Length == 0);
                }
            }
        }
    }

    private static IEnumerable<HostStatus> StatusesOf(HostState state)
    {
        var reason = state == HostState.Live ? "" : "a reason";
        yield return HostStatus.Stored(state, reason, NextIn);
        yield return new HostStatus(state, reason, NextIn, Seconds(900), Seconds(940), Seconds(960));
        yield return new HostStatus(state, reason, NextIn, Seconds(999), Seconds(1039), Seconds(1059));
    }

    private static string EventName(HostState state) =>
        "host." + (state == HostState.DockerDown ? "docker_down" : state.ToString().ToLowerInvariant());

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    private static HostInput.Heartbeat Beat(double at, DockerCondition docker = DockerCondition.Up) =>
        new(Seconds(at), docker, NextIn);

    private IReadOnlyList<EventType> Feed(HostInput input)
    {
        var transition = HostMachine.Decide(_status, input);
        _status = transition.Next;
        return transition.Events;
    }
}
