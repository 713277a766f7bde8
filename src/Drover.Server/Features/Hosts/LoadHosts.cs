using Drover.Core.Fleet;
using Drover.Runtime.Storage;
using Drover.Server.Features.Enrollment;
using Drover.Server.Features.Inventory;
using Drover.Server.Hosting;

namespace Drover.Server.Features.Hosts;

/// <summary>Brings the fleet back into memory when the server starts, each host with the grace of a restart.</summary>
internal sealed class LoadHosts(
    Database database, HostRegistry hosts, HostKeyring keyring, ServerOptions options, TimeProvider time)
{
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        var stored = await database.ReadAsync(HostStore.ReadAll, cancellationToken);
        var containers = await database.ReadAsync(ContainerStore.ReadAll, cancellationToken);
        foreach (var row in stored)
        {
            hosts.Add(Restore(row, containers[row.Identity.HostId]));
        }
    }

    private EnrolledHost Restore(StoredHost row, IEnumerable<StoredContainer> containers)
    {
        var now = time.Monotonic();
        var status = HostStatus.Stored(row.State, row.Reason, options.HeartbeatInterval);
        if (row.RevokedAt is not null)
        {
            // Whatever a heartbeat of the same moment stored after it.
            status = HostMachine.Decide(status, new HostInput.KeyRevoked(now)).Next;
        }

        var keys = KeysOf(row);
        return new EnrolledHost(
            row.Identity,
            keys.Current,
            new HostSighting(
                HostMachine.Decide(status, new HostInput.ServerStarted(now)).Next,
                row.Since,
                new RunSequence(row.Heartbeats.Run, row.Heartbeats.Seq, now),
                row.LastSeenAt,
                row.ClockSkewMs))
        {
            Keys = keys,
            Facts = row.Facts,
            Events = new RunSequence(row.Events.Run, row.Events.Seq, now),
            Inventory = HostInventory.Restore(
                containers, new RunSequence(row.Inventory.Run, row.Inventory.Seq, now), row.InventoryAt),
        };
    }

    private HostKeys KeysOf(StoredHost row) => row.RevokedAt is not null
        ? HostKeys.Nobodys()
        : new HostKeys(
            keyring.Open(row.Identity.HostId, row.SealedKey),
            row.NextSealedKey is { } next ? keyring.Open(row.Identity.HostId, next) : null,
            row.KeyOrderedAt);
}
