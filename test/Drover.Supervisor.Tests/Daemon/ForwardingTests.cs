using Drover.Core.Components;
using Drover.Runtime.Faults;
using Drover.Supervisor.Control;
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
        for (var round = 1; round <= 6; round++)
        {
            foreach (var name in new[] { "web", "api" })
            {
                await _bench.UntilAsync(name, status => status is { State: ComponentState.Running }, "it to run");
                var instance = (await _bench.StatusAsync(name)).Instance;
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
        AssertToldInOrderAndOnce("web", instances: 7);
        AssertToldInOrderAndOnce("api", instances: 7);
        Assert.Equal("alice-supervisor", Assert.Single(_server.Enrollments).Name);
    }

    [Theory]
    [InlineData(FaultPoints.LaunchRecorded + ":2")]
    [InlineData(FaultPoints.LaunchSpawned + ":2")]
    [InlineData(FaultPoints.LaunchIdentified + ":2")]
    [InlineData(FaultPoints.StopRecorded)]
    [InlineData(FaultPoints.EventsSent)]
    public async Task Killed_at_this_point_the_next_supervisor_tells_what_the_one_before_could_not(string point)
    {
        _bench.Write(_bench.Component("web"));
        await _bench.StartDoomedAsync(
            point,
            async () =>
            {
                await _bench.UntilAsync("web", ComponentState.Running);
                await _bench.Client.OrderAsync(ControlVerb.Restart, "web", wait: null, Token);
                await _bench.UntilAsync(
                    "web", status => status is { State: ComponentState.Running, Instance: > 1 }, "the second");
            });
        await _bench.StartAsync();
        await _bench.UntilAsync("web", ComponentState.Running);
        await UntilAllAreToldAsync();

        var told = Of("web").Where(one => one.Type != "component.adopted").ToList();
        Assert.Contains(told, one => one.Type == "component.started" && InstanceOf(one) == 1);
        Assert.Equal(told.Distinct(), told);
        Assert.Equal(told.Count, told.DistinctBy(one => (one.Type, InstanceOf(one))).Count());
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

    /// <summary>Each instance started and, but for the last, ended, each told once and in that order.</summary>
    private void AssertToldInOrderAndOnce(string component, int instances)
    {
        var told = Of(component)
            .Where(one => one.Type is "component.started" or "component.exited")
            .Select(one => $"{one.Type} {InstanceOf(one)}");
        var expected = Enumerable.Range(1, instances)
            .SelectMany(number => new[] { $"component.started {number}", $"component.exited {number}" })
            .SkipLast(1);
        Assert.Equal(expected, told);
    }
}
