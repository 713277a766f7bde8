using System.Net;
using Drover.Runtime.Events.Webhooks;
using Drover.Testing.Network;
using Drover.Testing.Server;

namespace Drover.Server.Tests.Events;

/// <summary>Who is told over HTTP of what happens in the fleet.</summary>
public sealed class WebhookTests
{
    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_webhook_is_told_of_the_fleets_events_in_order_over_restarts_of_the_server()
    {
        await using var receiver = await PlayedReceiver.StartAsync(0, Ending);
        await using var server = await ServerFixture.StartAsync(configure: options => options with
        {
            Webhooks = [new WebhookSpec { Name = "ops", Url = receiver.Address, Events = ["host.enrolled"] }],
        });
        await server.EnrollAsync("alpha");
        await receiver.WaitForAsync(1, Ending);

        receiver.AnswerWith(HttpStatusCode.ServiceUnavailable);
        await server.EnrollAsync("beta");
        await receiver.WaitForAsync(2, Ending);
        await server.StopAsync();
        var tried = receiver.All.Count;
        receiver.AnswerWith(HttpStatusCode.OK);
        await server.StartAgainAsync();
        await server.EnrollAsync("gamma");
        await receiver.WaitForAsync(tried + 2, Ending);

        var told = receiver.All.Skip(tried).ToList();
        Assert.Equal(["beta", "gamma"], told.Select(one => Data(one, "name")));
        Assert.Equal("alpha", Data(receiver.All[0], "name"));
        var events = await server.OnSocket().EventsAsync();
        Assert.Equal(
            events.Where(one => one.Type == "host.enrolled").Select(one => one.Id),
            receiver.Ids.Distinct());
        var metrics = await (await server.Admin().GetAsync(new Uri("/metrics", UriKind.Relative), Ending))
            .Content.ReadAsStringAsync(Ending);
        Assert.Contains("drover_webhook_waiting{webhook=\"ops\"}", metrics, StringComparison.Ordinal);
    }

    private static string Data(Received one, string field) =>
        one.Json.GetProperty("data").GetProperty(field).GetString()!;
}
