using System.Text.Json;
using Drover.Core.Fleet;
using Drover.Core.Trust;
using Drover.Runtime.Storage;
using Drover.Server.Features.Access;
using Drover.Server.Features.Commands;
using Drover.Server.Features.Hosts;
using Drover.Server.Features.Inventory;
using Drover.Testing.Agents;
using Drover.Testing.Server;
using Drover.Testing.Time;
using Drover.Wire;
using Drover.Wire.Commands;
using Drover.Wire.Inventory;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.Server.Tests;

public sealed class StoreTests
{
    private readonly FakeClock _clock = new();

    [Fact]
    public async Task The_clock_of_a_host_does_not_decide_how_long_its_command_is_kept()
    {
        using var directory = new TemporaryDirectory();
        await using var database = Open(directory);
        var now = _clock.GetUtcNow();
        var row = Command(now);
        await database.WriteAsync(
            session =>
            {
                CommandStore.Insert(session, row);
                CommandStore.Insert(session, row with { CommandId = "cmd_2", Number = 2 });
                CommandStore.Complete(
                    session,
                    row with { State = CommandStates.Completed, CompletedAt = DateTimeOffset.UnixEpoch });
            },
            TestContext.Current.CancellationToken);

        Assert.Equal(0, await PruneAsync(database, now));
        Assert.Equal(1, await PruneAsync(database, now.AddMilliseconds(1)));
    }

    [Fact]
    public async Task An_inventory_in_flight_brings_no_container_of_a_removed_host_back()
    {
        using var directory = new TemporaryDirectory();
        await using var database = Open(directory);
        var now = _clock.GetUtcNow();
        var identity = new HostIdentity(Guid.NewGuid().ToString(), "hash", "alpha", "host_agent", now);
        await database.WriteAsync(
            session =>
            {
                HostStore.Insert(session, identity, "alpha", "sealed", "test");
                HostStore.Remove(session, identity.HostId, now);
            },
            TestContext.Current.CancellationToken);

        await ReceiveAsync(database, Host(identity));

        Assert.Equal(0, await database.ReadAsync(
            session => session.Number("SELECT COUNT(*) FROM containers"), TestContext.Current.CancellationToken));
    }

    private async Task ReceiveAsync(Database database, EnrolledHost host)
    {
        var web = Containers.Running("web");
        var body = JsonSerializer.SerializeToUtf8Bytes(
            new InventoryRequest(1, 1, true, null, Containers.HashOf([web]), null, [Containers.Json(web)], []),
            WireJson.Default.InventoryRequest);
        var context = new DefaultHttpContext();
        context.Features.Set(new AgentCaller(host, body));

        var answer = await ReceiveInventory.Handle(
            context, new ReceiveInventory(database, _clock, NullLogger<ReceiveInventory>.Instance));

        Assert.False(answer.Value!.Resync);
    }

    private EnrolledHost Host(HostIdentity identity) => new(
        identity,
        AgentKey.Create(),
        new HostSighting(
            HostStatus.Stored(HostState.Live, string.Empty, TimeSpan.FromSeconds(30)),
            _clock.GetUtcNow(),
            new RunSequence(0, 0, TimeSpan.Zero),
            null,
            null));

    private static CommandRow Command(DateTimeOffset now) => new()
    {
        CommandId = "cmd_1",
        Number = 1,
        HostId = "h",
        HostName = "alpha",
        DeploymentHash = "hash",
        Type = CommandTypes.Restart,
        State = CommandStates.Queued,
        Urgency = 2,
        TimeoutSeconds = 300,
        CreatedBy = "test",
        CreatedAt = now,
        UpdatedAt = now,
        ExpiresAt = now.AddDays(1),
    };

    private static Task<int> PruneAsync(Database database, DateTimeOffset olderThan) => database.WriteAsync(
        session => CommandStore.Prune(session, olderThan, 10), TestContext.Current.CancellationToken);

    private Database Open(TemporaryDirectory directory) => Database.Open(
        directory.File("server.db"), Migration.EmbeddedIn(typeof(ServerRole).Assembly), _clock);
}
