using Drover.Wire.Inventory;

namespace Drover.HostAgent.Inventory;

/// <summary>Decides what of a picture the server does not have yet. Pure.</summary>
internal static class InventoryDelta
{
    /// <summary>The message that brings the server from <paramref name="held"/> to <paramref name="now"/>, or null
    /// when there is nothing to tell.</summary>
    /// <param name="run">Number of this run.</param>
    /// <param name="seq">Number of the message.</param>
    /// <param name="held">What the server is known to hold; null sends everything.</param>
    /// <param name="now">What there is.</param>
    /// <param name="facts">Of the machine, when the server does not have them; always sent with everything.</param>
    internal static InventoryRequest? Between(
        long run, long seq, InventoryPicture? held, InventoryPicture now, HostFactsDto? facts)
    {
        if (held is null)
        {
            return new InventoryRequest(
                run, seq, Full: true, Base: null, now.Hash, facts, [.. InOrder(now).Select(known => known.Json)], []);
        }

        var upsert = InOrder(now)
            .Where(known => held.Containers.GetValueOrDefault(known.Container.DockerId)?.Digest != known.Digest)
            .Select(known => known.Json)
            .ToList();
        var remove = held.Containers.Keys
            .Where(id => !now.Containers.ContainsKey(id))
            .Order(StringComparer.Ordinal)
            .ToList();
        return upsert.Count == 0 && remove.Count == 0 && facts is null
            ? null
            : new InventoryRequest(run, seq, Full: false, held.Hash, now.Hash, facts, upsert, remove);
    }

    private static IOrderedEnumerable<KnownContainer> InOrder(InventoryPicture picture) =>
        picture.Containers.Values.OrderBy(known => known.Container.DockerId, StringComparer.Ordinal);
}
