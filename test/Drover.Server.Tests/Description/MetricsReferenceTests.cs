using Drover.Testing.Documents;
using Drover.Testing.Server;
using Drover.Wire;
using Drover.Wire.Commands;

namespace Drover.Server.Tests.Description;

public sealed class MetricsReferenceTests
{
    [Fact]
    public async Task The_metrics_of_a_running_server_are_those_of_the_reference_with_their_labels()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.JoinAsync("alpha", "web");
        await server.OnSocket().OrderAsync(CommandTypes.Restart, "web");
        await agent.ReportSuccessAsync((await agent.WaitAsync()).Item!);

        var page = await server.OnSocket().GetStringAsync(Routes.Metrics, TestContext.Current.CancellationToken);

        Assert.Equal(MetricsText.Reference("Server"), MetricsText.Exposed(page));
        var shown = MetricsText.LabelsExposed(page);
        var told = MetricsText.LabelsInReference("Server");
        Assert.All(shown, metric => Assert.Equal(told[metric.Key], metric.Value));
        Assert.Contains("drover_server_commands_total", shown.Keys);
        Assert.Contains("drover_server_request_duration_seconds", shown.Keys);
        Assert.Empty(await Promtool.CheckAsync(page, TestContext.Current.CancellationToken));
    }
}
