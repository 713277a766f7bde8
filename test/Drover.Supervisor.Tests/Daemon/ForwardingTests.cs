using Drover.Core.Components;
using Drover.Runtime.Faults;
using Drover.Testing.Agents;
using Drover.Wire.Agents;

namespace Drover.Supervisor.Tests.Daemon;

/// <summary>What a supervisor's server hears of its components, whatever happens to either of them.</summary>
public sealed class ForwardingTests : IAsyncLifetime
{
    private readonly SupervisorBench _bench = new();
    private FakeControlServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await FakeControlServer.StartNewAsync();
        await File.WriteAllLinesAsync(
            PlayedSupervisor.ServerFileOf(_bench.Directory),
            [$"{_server.Address}", _server.IssueToken().Reveal()],
            Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _bench.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_server_that_was_away_while_components_crashed_and_their_supervisor_was_killed_hears_all_once()
    {
        await _server.GoAwayAsync();
        _bench.Write(_bench.Component("web"), _bench.Component("api"));
        await _bench.StartAsync();
        var ended = new List<(string Name, long Instance)>();
        for (var round = 1; round <= 4; round++)
        {
            foreach (var name in new[] { "web", "api" })
            {
                await _bench.UntilAsync(name, status => status is { State: ComponentState.Running }, "it to run");
                var instance = (await _bench.StatusAsync(name)).Instance;
                ended.Add((name, instance));
                _bench.Signal(_bench.Alive(name).Single(), 9);
                if (round % 2 == 0 && name == "web")
                {
                    await _bench.KillAsync();
                    await _bench.StartAsync();
                }

                await _bench.UntilAsync(
                    name, status => status.State == ComponentState.Running && status.Instance > instance, "the next");
            }
        }

        await _server.ComeBackAsync();
        await UntilAllAreToldAsync();
        AssertToldInOrderAndOnce("web", ended);
        AssertToldInOrderAndOnce("api", ended);
        Assert.Equal("alice-supervisor", Assert.Single(_server.Enrollments).Name);
    }

    [Theory]
    [InlineData(FaultPoints.LaunchRecorded)]
    [InlineData(FaultPoints.LaunchSpawned)]
    [InlineData(FaultPoints.LaunchIdentified)]
    public async Task Killed_right_after_an_end_was_decided_the_next_supervisor_tells_that_end_once(string point)
    {
        _bench.Write(_bench.Component("web"));
        await _bench.StartDoomedAsync(
            $"{point}:2",
            async () =>
            {
                await _bench.UntilAsync("web", ComponentState.Running);
                _bench.Signal(_bench.Instances("web")[0], 9);
            });
        await _bench.StartAsync();
        await _bench.UntilAsync("web", ComponentState.Running);
        await UntilAllAreToldAsync();

        AssertToldInOrderAndOnce("web", [("web", 1)]);
    }

    [Fact]
    public async Task Killed_when_the_server_has_events_and_the_spool_does_not_know_none_is_told_twice()
    {
        _bench.Write(_bench.Component("web"));
        await _bench.StartDoomedAsync(FaultPoints.EventsSent);
        await _bench.StartAsync();
        await _bench.UntilAsync("web", ComponentState.Running);
        _bench.Signal(_bench.Alive("web").Single(), 9);
        await _bench.UntilAsync(
            "web", status => status is { State: ComponentState.Running, Instance: > 1 }, "the second");
        await UntilAllAreToldAsync();

        AssertToldInOrderAndOnce("web", [("web", 1)]);
    }

    [Fact]
    public async Task The_status_says_how_the_link_stands_and_a_stop_leaves_nothing_untold()
    {
        _server.NextIn = 1;
        _bench.Write(_bench.Component("web"));
        await _bench.StartAsync();
        await AgentBench.UntilAsync(() => !_server.Heartbeats.IsEmpty, "a heartbeat");
        await _bench.UntilAsync("web", ComponentState.Running);
        await UntilAllAreToldAsync();
        var link = (await _bench.Client.StatusAsync(Token)).Server!;
        Assert.Equal((_server.Address.GetLeftPart(UriPartial.Authority), null), (link.Server, link.Failure));

        await _bench.StopAsync();

        Assert.Equal("component.stopped", Of("web").Last().Type);
        Assert.True(_server.Heartbeats.Last().Beat.Goodbye);
    }

    [Fact]
    public async Task A_log_that_somebody_deletes_is_an_alert_at_the_server()
    {
        _bench.Write(_bench.Component("web", "while :; do echo line; sleep 0.05; done"));
        await _bench.StartAsync();
        var log = Path.Combine(_bench.Data, "supervisor", "logs", "web.log");
        await SupervisorBench.UntilAsync(() => File.Exists(log) && new FileInfo(log).Length > 0, "the log");
        await AgentBench.UntilAsync(() => Of("web").Any(one => one.Type == "component.started"), "the start is told");
        File.Delete(log);

        await AgentBench.UntilAsync(() => Of("web").Any(one => one.Type.StartsWith("alert.log_")), "the alert");
        Assert.Equal("alert.log_replaced", Of("web").Last(one => one.Type.StartsWith("alert.")).Type);
        await _bench.StopAsync();
    }

    [Fact]
    public async Task Without_a_server_there_is_nothing_of_a_link()
    {
        File.Delete(PlayedSupervisor.ServerFileOf(_bench.Directory));
        _bench.Write(_bench.Component("web"));
        await _bench.StartAsync();
        await _bench.UntilAsync("web", ComponentState.Running);

        Assert.Null((await _bench.Client.StatusAsync(Token)).Server);
        Assert.False(Directory.Exists(Path.Combine(_bench.Data, "supervisor", "uplink")));
        await _bench.StopAsync();
    }

    private Task UntilAllAreToldAsync() => Testing.Docker.Eventually.TrueAsync(
        async () => (await _bench.Client.StatusAsync(Token)).Server is { EventsWaiting: 0, Failure: null },
        "everything is told",
        Token);

    private List<AgentEventDto> Of(string component) => [.. _server.Events.Where(one => one.Subject == component)];

    private static long InstanceOf(AgentEventDto one) =>
        one.Data!.Value.TryGetProperty("instance", out var instance) ? instance.GetInt64() : 0;

    /// <summary>
    /// Of each instance that ended, start and end were told once and in that order. A supervisor that was killed
    /// between an end and the next start may have used up a number.
    /// </summary>
    private void AssertToldInOrderAndOnce(string component, List<(string Name, long Instance)> ended)
    {
        var told = Of(component)
            .Where(one => one.Type is "component.started" or "component.exited")
            .Select(one => (one.Type, Instance: InstanceOf(one)))
            .ToList();
        var instances = ended.Where(one => one.Name == component).Select(one => one.Instance).ToList();
        Assert.Equal(told.Distinct(), told);
        Assert.Equal(told.Select(one => one.Instance).Order(), told.Select(one => one.Instance));
        Assert.Equal(
            instances.SelectMany(one => new[] { ("component.started", one), ("component.exited", one) }),
            told.Where(one => instances.Contains(one.Instance)));
    }
}
