using Drover.Core.Events;
using Drover.Gateway.Documents;
using Drover.Gateway.Tests.Rig;
using Drover.Runtime.Events;
using Drover.Runtime.Events.Webhooks;
using Drover.Testing.Agents;
using Drover.Testing.Network;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.Gateway.Tests.Events;

/// <summary>What the gateway tells of itself, and who is told.</summary>
public sealed class GatewayEventsTests
{
    private static readonly Uri Nowhere = new("http://127.0.0.1:1");

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Slack_and_webhook_alerts_tell_of_agents_that_a_reload_brings_and_takes()
    {
        await using var ops = await PlayedReceiver.StartAsync(0, Ending);
        await using var slack = await PlayedReceiver.StartAsync(0, Ending);
        var document = new GatewayDocument
        {
            Agents = [GatewayRig.Agent(Nowhere)],
            Webhooks =
            [
                new WebhookSpec { Name = "ops", Url = ops.Address },
                new WebhookSpec { Name = "slack", Url = slack.Address, IsSlack = true, Events = ["agent.removed"] },
            ],
        };
        await using var rig = await GatewayRig.StartAsync(document, () => document);

        document = document with { Agents = [GatewayRig.Agent(Nowhere, "guide")] };
        rig.Role.Reload();
        await ops.WaitForAsync(2, Ending);
        await slack.WaitForAsync(1, Ending);

        Assert.Equal(
            [("agent.added", "guide"), ("agent.removed", "scout")],
            ops.All.Select(one => (Text(one, "type"), Text(one, "subject"))));
        Assert.StartsWith("/gateways/", Text(ops.All[0], "source"), StringComparison.Ordinal);
        Assert.Contains("*scout* agent.removed", Text(slack.All[0], "text"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reload_changes_the_sinks()
    {
        await using var first = await PlayedReceiver.StartAsync(0, Ending);
        await using var second = await PlayedReceiver.StartAsync(0, Ending);
        var document = new GatewayDocument { Webhooks = [new WebhookSpec { Name = "ops", Url = first.Address }] };
        await using var rig = await GatewayRig.StartAsync(document, () => document);
        rig.Role.Events.Publish(EventTypes.AgentReady, "scout");
        await first.WaitForAsync(1, Ending);

        document = document with { Webhooks = [new WebhookSpec { Name = "oncall", Url = second.Address }] };
        rig.Role.Reload();
        rig.Role.Events.Publish(EventTypes.AgentReady, "guide");
        await second.WaitForAsync(1, Ending);

        Assert.Equal("guide", Text(second.All[0], "subject"));
        Assert.Single(first.All);
    }

    [Fact]
    public async Task Ids_of_events_rise_over_restarts()
    {
        using var directory = new TemporaryDirectory();
        var before = await NewestAsync(directory);
        var after = await NewestAsync(directory);

        Assert.True(after.Run > before.Run);
    }

    [Fact]
    public async Task A_second_gateway_on_one_directory_is_refused()
    {
        using var directory = new TemporaryDirectory();
        await using var first = await StartAsync(directory);

        var error = await Assert.ThrowsAsync<GatewayStartException>(() => StartAsync(directory));

        Assert.Contains("cannot start a second gateway", error.Message, StringComparison.Ordinal);
    }

    private static async Task<EventCursor> NewestAsync(TemporaryDirectory directory)
    {
        await using var role = await StartAsync(directory);
        role.Events.Publish(EventTypes.AgentReady, "scout");
        return role.Events.Feed.Newest;
    }

    private static Task<GatewayRole> StartAsync(TemporaryDirectory directory)
    {
        var document = new GatewayDocument
        {
            Listen = "127.0.0.1:0",
            Admin = new AdminDocument { Listen = "127.0.0.1:0" },
        };
        return GatewayRole.StartAsync(
            new GatewayOptions { DataDirectory = directory.Path, Document = document, Reread = () => document },
            NullLoggerFactory.Instance,
            TimeProvider.System,
            Ending);
    }

    private static string Text(Received one, string property) => one.Json.GetProperty(property).GetString()!;
}
