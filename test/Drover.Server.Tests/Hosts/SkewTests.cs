using Drover.Core.Trust;
using Drover.HostAgent;
using Drover.Testing.Agents;
using Drover.Testing.Docker;
using Drover.Testing.Server;
using Drover.Wire.Commands;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.Server.Tests.Hosts;

/// <summary>A real host agent on a machine whose clock is wrong, at a real server.</summary>
public sealed class SkewTests
{
    [Theory]
    [InlineData(-7)]
    [InlineData(7)]
    public async Task A_host_whose_clock_is_hours_off_is_live_obeys_and_its_skew_is_shown(int hours)
    {
        await using var server = await ServerFixture.StartAsync(
            configure: options => options with { HeartbeatInterval = TimeSpan.FromSeconds(1) });
        await using var engine = await FakeDockerEngine.StartNewAsync();
        engine.AddContainers(1);
        using var data = new TemporaryDirectory();
        var people = server.OnSocket();
        var skew = TimeSpan.FromHours(hours);
        _ = SecretToken.TryParse(await server.EnrollmentTokenAsync(), SecretToken.EnrollmentPrefix, out var token);
        await using var agent = await HostAgentRole.StartAsync(
            new HostAgentOptions
            {
                DataDirectory = data.Path,
                Server = server.Role.Address,
                EnrollToken = token,
                DockerHost = engine.Address,
                Name = "alpha",
                AgentVersion = "1.2.3",
            },
            NullLoggerFactory.Instance,
            new SkewedTime(skew),
            TestContext.Current.CancellationToken);

        await Eventually.TrueAsync(
            async () => (await people.ContainersAsync()).Count == 1,
            "it synced",
            TestContext.Current.CancellationToken);
        var ordered = await people.OrderAsync(CommandTypes.Restart, "web-0");
        Assert.Equal(CommandStates.Completed, (await people.CommandAsync(ordered.CommandId, wait: 20)).Status);

        var host = await people.HostAsync("alpha");
        Assert.Equal("live", host.State);
        Assert.InRange(
            host.ClockSkewMs.GetValueOrDefault(), skew.TotalMilliseconds - 30_000, skew.TotalMilliseconds + 30_000);
        Assert.DoesNotContain(
            await people.EventsAsync("after=0&type=host.*"),
            told => told.Type is "host.late" or "host.offline" or "host.cloned");
    }

    private sealed class SkewedTime(TimeSpan skew) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + skew;
    }
}
