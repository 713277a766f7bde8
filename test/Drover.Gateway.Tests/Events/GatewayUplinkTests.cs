using Drover.Core.Events;
using Drover.Gateway.Documents;
using Drover.Gateway.Tests.Rig;
using Drover.Runtime.Events;
using Drover.Runtime.Uplink;
using Drover.Testing.Agents;
using Drover.Wire;
using Drover.Wire.Agents;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.Gateway.Tests.Events;

/// <summary>What a gateway's server hears of its agents.</summary>
public sealed class GatewayUplinkTests : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();
    private FakeControlServer _server = null!;

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await FakeControlServer.StartNewAsync();

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task The_gateway_enrolls_and_forwards_its_events_stored_while_offline_in_order_once()
    {
        await _server.GoAwayAsync();
        await using (var first = await StartAsync())
        {
            Publish(first, 0, 40);
            await AgentBench.UntilAsync(() => first.Events.Uplink!.Waiting == 40, "all on disk");
        }

        _server.LoseAnswer(Routes.Enroll);
        _server.LoseAnswer(Routes.AgentEvents);
        await _server.ComeBackAsync();
        await using var second = await StartAsync();
        Publish(second, 40, 20);
        await AgentBench.UntilAsync(() => second.Events.Uplink!.Waiting == 0 && _server.Events.Count >= 60, "all told");

        Assert.Equal(
            Enumerable.Range(0, 60).Select(number => $"n{number}"), _server.Events.Select(one => one.Subject));
        Assert.All(_server.Events, one => Assert.Equal("agent.ready", one.Type));
        Assert.All(_server.Enrollments, one => Assert.Equal((AgentKinds.Gateway, "edge"), (one.Kind, one.Name)));
        Assert.Null(second.Events.Uplink!.Failure);
    }

    [Fact]
    public async Task Without_a_server_there_is_nothing_of_a_link()
    {
        await using var rig = await GatewayRig.StartAsync();

        Assert.Null(rig.Role.Events.Uplink);
    }

    private static void Publish(GatewayRole role, int first, int count)
    {
        for (var at = first; at < first + count; at++)
        {
            role.Events.Publish(EventTypes.AgentReady, $"n{at}");
        }
    }

    private Task<GatewayRole> StartAsync()
    {
        var paths = new GatewayPaths(_directory.Path);
        var document = new GatewayDocument
        {
            Listen = "127.0.0.1:0",
            Admin = new AdminDocument { Listen = "127.0.0.1:0" },
        };
        var options = new GatewayOptions
        {
            DataDirectory = _directory.Path,
            Document = document,
            Reread = () => document,
            Uplink = new UplinkSpec
            {
                Purpose = "forward the gateway's events",
                Kind = AgentKinds.Gateway,
                Directory = paths.Uplink,
                CredentialsFile = paths.Credentials,
                Server = _server.Address,
                ServerKey = "gateway.server",
                Token = _server.IssueToken(),
                Name = "edge",
                Version = "0.0.0",
            },
        };
        return GatewayRole.StartAsync(options, NullLoggerFactory.Instance, TimeProvider.System, Ending);
    }
}
