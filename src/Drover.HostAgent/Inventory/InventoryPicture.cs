using System.Collections.Immutable;
using Drover.Wire.Inventory;

namespace Drover.HostAgent.Inventory;

/// <summary>All containers of the host at one moment. Immutable: readers keep theirs while the next is made.</summary>
internal sealed class InventoryPicture
{
    internal static readonly InventoryPicture Empty = new([]);

    internal InventoryPicture(ImmutableDictionary<string, KnownContainer> containers)
    {
        Containers = containers;
        Hash = InventoryHash.Of(containers.Select(pair => KeyValuePair.Create(pair.Key, pair.Value.Digest)));
    }

    /// <summary>By docker id.</summary>
    internal ImmutableDictionary<string, KnownContainer> Containers { get; }

    /// <summary>See <see cref="InventoryHash"/>.</summary>
    internal string Hash { get; }
}
