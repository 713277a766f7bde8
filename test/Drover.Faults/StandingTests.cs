using Drover.Faults.Rig;
using Drover.Wire.Commands;

namespace Drover.Faults;

/// <summary>A run that ends in vain says where it stood.</summary>
public sealed class StandingTests
{
    [Fact]
    public async Task A_run_that_stands_still_says_which_command_waits_and_for_which_answer()
    {
        var engine = await PlayedRunEngine.StartAsync();
        await using var rig = new DroverRig("still", engine, TestContext.Current.CancellationToken);
        await rig.RunContainerAsync("web");
        await rig.BeginAsync(null, null);
        await rig.KnowsAsync("web");
        Assert.Contains("every command has ended", await rig.StandingAsync(), StringComparison.Ordinal);

        engine.Hang();
        var command = await rig.OrderAsync(CommandTypes.Health, "web");
        await rig.Api.BeginsAsync(command);

        var standing = await rig.StandingAsync();
        Assert.Contains("host box is live, last heard ", standing, StringComparison.Ordinal);
        Assert.Matches($"{command} \\(health still-web\\) is executing since .* given out 1 times, lease", standing);
        Assert.Matches("the engine has not answered GET /containers/json since [0-9.]+ s", standing);
        Assert.Matches("host agent: process [0-9]+, [0-9.]+ s of CPU; [0-9]+ threads:\n  [0-9]+ x ", standing);
    }
}
