using Drover.Core.Agents;
using Drover.Gateway.Agents;
using Drover.Gateway.Documents;
using Drover.Gateway.Routing;
using Drover.Gateway.Tests.Rig;

namespace Drover.Gateway.Tests.Routing;

/// <summary>Which agent a request's <c>Host</c> leads to.</summary>
public sealed class HostnameTests
{
    private static readonly AgentSeat Scout = Seat("scout");
    private static readonly AgentSeat Guide = Seat("guide");

    [Theory]
    [InlineData("scout.test", "scout")]
    [InlineData("SCOUT.Test", "scout")]
    [InlineData("scout.test:8080", "scout")]
    [InlineData("scout.test.", "scout")]
    [InlineData("scout.test.:8080", "scout")]
    [InlineData("xn--mnchen-3ya.test", "scout")]
    [InlineData("XN--MNCHEN-3YA.TEST:443", "scout")]
    [InlineData("a.preview.test", "scout")]
    [InlineData("a.b.preview.test:8080", "scout")]
    [InlineData("guide.preview.test", "guide")]
    [InlineData("a.deep.preview.test", "guide")]
    [InlineData("a.b.deep.preview.test", "guide")]
    [InlineData("preview.test", null)]
    [InlineData(".preview.test", null)]
    [InlineData("a..preview.test", null)]
    [InlineData("apreview.test", null)]
    [InlineData("scout.test..", null)]
    [InlineData("other.test", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    [InlineData(":8080", null)]
    [InlineData("[::1]:8080", null)]
    [InlineData("[scout.test", null)]
    [InlineData("*.preview.test", "scout")]
    public void A_hostname_leads_to_the_agent_that_owns_it_in_every_form_it_can_take(string? header, string? agent)
    {
        var table = new RouteTable(
        [
            Route("scout.test", Scout), Route("münchen.test", Scout), Route("*.preview.test", Scout),
            Route("*.deep.preview.test", Guide), Route("guide.preview.test", Guide),
        ]);

        Assert.Equal(agent, table.Find(RequestHost.NameOf(header))?.Agent.Name);
    }

    [Fact]
    public void What_an_agent_registers_never_takes_a_name_from_the_users_file()
    {
        var routes = new Routes();
        routes.Write([Route("scout.test", Scout), Route("guide.test", Guide)]);

        routes.Register(Guide, [Registered("scout.test", Guide), Registered("new.test", Guide)]);

        Assert.Same(Scout, routes.Table.Find("scout.test")!.Agent);
        Assert.Same(Guide, routes.Table.Find("new.test")!.Agent);
    }

    [Fact]
    public void Registered_names_go_when_they_are_purged_and_when_their_agent_leaves_the_file()
    {
        var routes = new Routes();
        routes.Write([Route("scout.test", Scout), Route("guide.test", Guide)]);
        routes.Register(Scout, [Registered("a.test", Scout)]);
        routes.Register(Guide, [Registered("b.test", Guide)]);

        routes.Register(Scout, []);
        Assert.Null(routes.Table.Find("a.test"));
        Assert.NotNull(routes.Table.Find("b.test"));

        routes.Write([Route("scout.test", Scout)]);
        Assert.Null(routes.Table.Find("b.test"));
    }

    [Fact]
    public async Task Requests_see_whole_tables_while_the_file_and_registrations_change()
    {
        var routes = new Routes();
        routes.Write([Route("scout.test", Scout), Route("*.preview.test", Scout)]);
        using var end = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            while (!end.IsCancellationRequested)
            {
                var table = routes.Table;
                // A name and its wildcard are always written and taken away together.
                Assert.Equal(table.Find("x.guide.test") is null, table.Find("guide.test") is null);
                Assert.NotNull(table.Find("scout.test"));
            }
        })).ToArray();

        for (var round = 0; round < 2_000; round++)
        {
            routes.Register(Guide, [Registered("guide.test", Guide), Registered("*.guide.test", Guide)]);
            routes.Write([Route("scout.test", Scout), Route("g.test", Guide)]);
            routes.Register(Guide, []);
        }

        await end.CancelAsync();
        await Task.WhenAll(readers);
    }

    [Theory]
    [InlineData("a.preview.test", "*.preview.test", true)]
    [InlineData("*.a.preview.test", "*.preview.test", true)]
    [InlineData("*.preview.test", "*.preview.test", true)]
    [InlineData("preview.test", "*.preview.test", false)]
    [InlineData("apreview.test", "*.preview.test", false)]
    [InlineData("a.preview.test", "a.preview.test", false)]
    public void A_name_is_within_a_wildcard_when_all_it_stands_for_is(string name, string wildcard, bool isWithin) =>
        Assert.Equal(isWithin, GatewayRig.Host(name).IsWithin(GatewayRig.Host(wildcard)));

    private static Route Route(string host, AgentSeat agent) => new(GatewayRig.Host(host), agent);

    private static Route Registered(string host, AgentSeat agent) => Route(host, agent) with { IsRegistered = true };

    private static AgentSeat Seat(string name) => new(
        new AgentDocument
        {
            Name = name,
            Hostnames = [],
            Target = new AgentTarget.Service(name, 80),
            Policy = AgentPolicy.OnDemand,
        },
        TimeProvider.System);
}
