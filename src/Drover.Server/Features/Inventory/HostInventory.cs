using System.Text.Json;
using Drover.Core.Fleet;
using Drover.Wire;
using Drover.Wire.Inventory;

namespace Drover.Server.Features.Inventory;

/// <summary>The containers of one host at one moment; a change makes a new one.</summary>
internal sealed class HostInventory
{
    /// <summary>Of a host that never told.</summary>
    public static readonly HostInventory Empty = new([], RunSequence.Empty, null, hash: string.Empty);

    private HostInventory(
        Dictionary<string, ContainerEntry> containers, RunSequence sequence, DateTimeOffset? at, string hash)
    {
        Containers = containers;
        Sequence = sequence;
        At = at;
        Hash = hash;
        foreach (var container in containers.Values)
        {
            Running += container.State == "running" ? 1 : 0;
            Unhealthy += container.Health == "unhealthy" ? 1 : 0;
        }
    }

    /// <summary>By docker id.</summary>
    public IReadOnlyDictionary<string, ContainerEntry> Containers { get; }

    /// <summary>Which message made it.</summary>
    public RunSequence Sequence { get; }

    /// <summary>When that came; null before the first.</summary>
    public DateTimeOffset? At { get; }

    /// <summary>As <see cref="InventoryHash"/> makes it; empty before the first message.</summary>
    public string Hash { get; }

    public int Running { get; }

    public int Unhealthy { get; }

    /// <summary>Those that people see.</summary>
    public IEnumerable<ContainerEntry> Readable => Containers.Values.Where(container => container.IsReadable);

    public static HostInventory Restore(IEnumerable<StoredContainer> stored, RunSequence sequence, DateTimeOffset? at)
    {
        var containers = new Dictionary<string, ContainerEntry>(StringComparer.Ordinal);
        foreach (var row in stored)
        {
            if (ContainerEntry.From(
                JsonSerializer.Deserialize(row.Document, WireJson.Default.JsonElement)) is { } entry)
            {
                containers[entry.DockerId] = entry;
            }
        }

        return new HostInventory(containers, sequence, at, at is null ? string.Empty : HashOf(containers));
    }

    /// <summary>The inventory after a message, with what differs.</summary>
    /// <param name="full">The upserts are everything there is.</param>
    /// <param name="upserts">New and changed containers.</param>
    /// <param name="removals">Docker ids that are gone.</param>
    /// <param name="sequence">The message's place.</param>
    /// <param name="at">When it came.</param>
    public (HostInventory Next, InventoryChange Change) Apply(
        bool full,
        IReadOnlyList<ContainerEntry> upserts,
        IReadOnlyList<string> removals,
        RunSequence sequence,
        DateTimeOffset at)
    {
        var next = new Dictionary<string, ContainerEntry>(StringComparer.Ordinal);
        if (!full)
        {
            foreach (var (id, container) in Containers)
            {
                next[id] = container;
            }
        }

        foreach (var id in removals)
        {
            next.Remove(id);
        }

        foreach (var container in upserts)
        {
            next[container.DockerId] = container;
        }

        var added = next.Values.Where(container => !Containers.ContainsKey(container.DockerId)).ToList();
        var updated = next.Values
            .Where(container => Containers.TryGetValue(container.DockerId, out var old) && !old.Equals(container))
            .ToList();
        var removed = Containers.Keys.Where(id => !next.ContainsKey(id)).ToList();
        return (new HostInventory(next, sequence, at, HashOf(next)), new InventoryChange(added, updated, removed));
    }

    private static string HashOf(Dictionary<string, ContainerEntry> containers) =>
        InventoryHash.Of(containers.Select(pair => KeyValuePair.Create(pair.Key, pair.Value.Digest)));
}

/// <summary>What one message changed.</summary>
internal sealed record InventoryChange(
    IReadOnlyList<ContainerEntry> Added, IReadOnlyList<ContainerEntry> Updated, IReadOnlyList<string> Removed)
{
    public bool IsEmpty => Added.Count == 0 && Updated.Count == 0 && Removed.Count == 0;
}
