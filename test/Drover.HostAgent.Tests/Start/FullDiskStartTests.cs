using Drover.Testing.Agents;

namespace Drover.HostAgent.Tests.Start;

/// <summary>An agent whose disk is full before it starts. Whoever keeps it alive starts it again.</summary>
public sealed class FullDiskStartTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_agent_that_is_started_on_a_full_disk_says_so_and_starts_once_there_is_room(bool isFirstStart)
    {
        using var disk = new SmallDisk(megabytes: 8);
        await using var bench = await AgentBench.SetUpAsync();
        var options = bench.Options() with { DataDirectory = Path.Combine(disk.Path, "data") };
        if (!isFirstStart)
        {
            await bench.KillAsync(await bench.StartAsync(options));
        }

        disk.Fill();
        var refused = await Assert.ThrowsAsync<HostAgentStartException>(() => bench.StartAsync(options));
        var again = await Assert.ThrowsAsync<HostAgentStartException>(() => bench.StartAsync(options));
        disk.Free();

        Assert.Contains("the disk is full; free some space", refused.Message, StringComparison.Ordinal);
        Assert.Equal(refused.Message, again.Message);
        var hostId = (await bench.StartAsync(options)).HostId;
        Assert.NotEmpty(hostId);
        Assert.Single(bench.Server.Enrollments.Select(one => one.Key).Distinct());
    }
}
