using Drover.Runtime.Storage;
using Drover.Server.Features.Access;
using Drover.Server.Features.Hosts;
using Drover.Server.Hosting;
using Drover.Wire.Inventory;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Logging;

namespace Drover.Server.Features.Inventory;

/// <summary>
/// Takes a host's containers: the full list once, then changes against a hash both sides hold. A message that does not
/// fit changes nothing and asks for the full list; one that brings nothing new writes nothing.
/// </summary>
internal sealed partial class ReceiveInventory(Database database, TimeProvider time, ILogger<ReceiveInventory> logger)
{
    private static readonly InventorySummary NoChange = new(0, 0, 0);

    public static async Task<Ok<InventoryResponse>> Handle(HttpContext context, ReceiveInventory inventory)
    {
        var agent = context.Agent();
        var message = InventoryMessage.Read(agent.Body);
        await agent.Host.InventoryTurn.WaitAsync(context.RequestAborted);
        try
        {
            return TypedResults.Ok(await inventory.ReceiveAsync(agent.Host, message));
        }
        finally
        {
            agent.Host.InventoryTurn.Release();
        }
    }

    private async Task<InventoryResponse> ReceiveAsync(EnrolledHost host, InventoryMessage message)
    {
        if (message.Skipped > 0)
        {
            LogSkipped(logger, host.Name, message.Skipped);
        }

        var before = host.Inventory;
        var sequence = before.Sequence;
        if (message.Numbered is { } numbered)
        {
            var judgement = sequence.Judge(numbered.Run, numbered.Seq, time.Monotonic());
            if (!judgement.TakesEffect)
            {
                return Answer(resync: before.Hash != numbered.Hash, NoChange);
            }

            sequence = judgement.Next;
            if (!numbered.Full && numbered.Base != before.Hash)
            {
                return Answer(resync: true, NoChange);
            }
        }

        var now = time.GetUtcNow();
        var (after, change) =
            before.Apply(message.IsFull, message.Upserts, message.Numbered?.Remove ?? [], sequence, now);
        if (message.Numbered is { } claimed && claimed.Hash != after.Hash)
        {
            LogMismatch(logger, host.Name, claimed.Hash, after.Hash);
            return Answer(resync: true, NoChange);
        }

        await StoreAsync(host, after, change, message.Host, now);
        host.Inventory = after;
        host.ConfirmInventory(now);
        return Answer(
            resync: false, new InventorySummary(change.Added.Count, change.Updated.Count, change.Removed.Count));
    }

    private static InventoryResponse Answer(bool resync, InventorySummary summary) => new("ok", resync, summary);

    private async Task StoreAsync(
        EnrolledHost host, HostInventory after, InventoryChange change, HostFactsDto? facts, DateTimeOffset now)
    {
        var newFacts = facts is not null && !HostFacts.AreEqual(facts, host.Facts) ? facts : null;
        var isFirst = host.Inventory.At is null;
        if (!change.IsEmpty || newFacts is not null || isFirst)
        {
            await database.WriteAsync(
                session =>
                {
                    // Asked behind the writer: the host may have been removed since the message came in.
                    if (HostStore.FindIdentity(session, host.HostId) is null)
                    {
                        return;
                    }

                    ContainerStore.Save(session, host.HostId, change, now);
                    HostStore.SaveInventorySequence(session, host.HostId, after.Sequence, now);
                    if (newFacts is not null)
                    {
                        HostStore.SaveFacts(session, host.HostId, newFacts);
                    }
                },
                CancellationToken.None);
        }

        host.Facts = newFacts ?? host.Facts;
    }

    [LoggerMessage(
        1201, LogLevel.Warning, "Host {Host} sent {Count} containers without a docker id; the others are taken")]
    private static partial void LogSkipped(ILogger logger, string host, int count);

    [LoggerMessage(
        1202,
        LogLevel.Warning,
        "The inventory of host {Host} hashes to {Actual}, it says {Claimed}; it is asked for a full one")]
    private static partial void LogMismatch(ILogger logger, string host, string claimed, string actual);
}
