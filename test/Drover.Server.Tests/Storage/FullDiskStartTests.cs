using Drover.Testing.Agents;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.Server.Tests.Storage;

public sealed class FullDiskStartTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_server_that_is_started_on_a_full_disk_says_so_and_starts_once_there_is_room(bool isFirstStart)
    {
        using var disk = new SmallDisk(megabytes: 8);
        var options = new ServerOptions { DataDirectory = disk.Path, Listen = "127.0.0.1:0" };
        if (!isFirstStart)
        {
            await using var before = await StartAsync(options);
        }

        disk.Fill();
        var refused = await Assert.ThrowsAsync<ServerStartException>(() => StartAsync(options));
        disk.Free();

        Assert.StartsWith("cannot start the server: ", refused.Message, StringComparison.Ordinal);
        Assert.Matches("disk is full|No space left on device", refused.Message);
        await using var server = await StartAsync(options);
        Assert.Equal(isFirstStart, server.FirstRun is not null);
    }

    private static Task<ServerRole> StartAsync(ServerOptions options) => ServerRole.StartAsync(
        options, NullLoggerFactory.Instance, TimeProvider.System, TestContext.Current.CancellationToken);
}
