using Drover.Runtime.Docker;
using Drover.Runtime.Docker.Networks;
using Drover.Runtime.Docker.Volumes;
using Drover.Testing.Docker;

namespace Drover.Runtime.Tests.Docker;

/// <summary>Networks and volumes of a real engine, and what it says of itself.</summary>
public sealed class NetworkAndVolumeTests(SharedDockerEngine shared)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_network_is_created_joined_by_a_container_left_and_removed()
    {
        var engine = await shared.GetAsync();
        var networks = engine.Client.Networks;
        var create = new CreateNetwork
        {
            Name = "back",
            Internal = true,
            AddressPlan = new AddressPlan { Config = [new Subnet { Range = "10.213.7.0/24", Gateway = "10.213.7.1" }] },
            Labels = new Dictionary<string, string> { ["tier"] = "back" },
        };
        var id = await networks.CreateAsync(create, Token);
        var container = await engine.RunAsync("joiner", host: new() { NetworkMode = "back" });

        var network = await networks.InspectAsync("back", Token);
        Assert.Equal((id, "bridge", true), (network.Id, network.Driver, network.Internal));
        Assert.Equal("10.213.7.0/24", Assert.Single(network.AddressPlan.Config).Range);
        Assert.Equal("joiner", Assert.Single(network.Containers).Value.Name);
        var endpoint = (await engine.Client.Containers.InspectAsync(container, Token)).NetworkSettings.Networks["back"];
        Assert.Equal("10.213.7.2", endpoint.IpAddress);
        Assert.Equal(
            "back", Assert.Single(await networks.ListAsync(DockerFilters.Where("label", "tier=back"), Token)).Name);

        await networks.DisconnectAsync("back", container, force: false, Token);
        Assert.Empty((await networks.InspectAsync("back", Token)).Containers);
        await networks.ConnectAsync("back", container, new() { Aliases = ["db"] }, Token);
        Assert.Contains("db",
            (await engine.Client.Containers.InspectAsync(container, Token)).NetworkSettings.Networks["back"].Aliases!);

        var inUse = await Assert.ThrowsAsync<DockerApiException>(() => networks.RemoveAsync("back", Token));
        Assert.Contains("active endpoints", inUse.EngineMessage, StringComparison.Ordinal);
        await engine.RemoveAsync(container);
        await networks.RemoveAsync("back", Token);
    }

    [Fact]
    public async Task A_volume_is_created_found_used_and_removed()
    {
        var engine = await shared.GetAsync();
        var volumes = engine.Client.Volumes;
        var created = await volumes.CreateAsync(
            new CreateVolume { Name = "kept", Labels = new Dictionary<string, string> { ["keep"] = "yes" } }, Token);
        var container = await engine.RunAsync("keeper", host: new() { Binds = ["kept:/data"] });

        Assert.True(Directory.Exists(created.Mountpoint));
        Assert.Equal(
            "kept", Assert.Single(await volumes.ListAsync(DockerFilters.Where("label", "keep=yes"), Token)).Name);
        Assert.NotNull((await volumes.InspectAsync("kept", Token)).CreatedAt);
        var inUse = await Assert.ThrowsAsync<DockerApiException>(
            () => volumes.RemoveAsync("kept", force: false, Token));
        Assert.True(inUse.IsConflict);
        await engine.RemoveAsync(container);
        await volumes.RemoveAsync("kept", force: false, Token);
        var gone = await Assert.ThrowsAsync<DockerApiException>(() => volumes.InspectAsync("kept", Token));
        Assert.True(gone.IsNotFound);
    }

    [Fact]
    public async Task The_engine_tells_its_facts_version_and_disk_usage()
    {
        var engine = await shared.GetAsync();
        var system = engine.Client.System;
        var facts = await system.InfoAsync(Token);
        var version = await system.VersionAsync(Token);
        var ping = await system.PingAsync(Token);
        var disk = await system.DiskUsageAsync(Token);

        Assert.NotEmpty(facts.Id);
        Assert.Equal(Environment.MachineName, facts.Name);
        Assert.Equal(version.Version, facts.ServerVersion);
        Assert.Equal(version.ApiVersion, ping.ApiVersion.ToString());
        Assert.True(facts is { CpuCount: > 0, MemoryTotalBytes: > 0, SystemTime: not null });
        Assert.True(await system.NegotiateAsync(Token) <= ApiVersion.Newest);
        Assert.Contains(disk.Images, image => image.RepoTags.Contains(DockerEngine.Image) && image.Size > 0);
    }
}
