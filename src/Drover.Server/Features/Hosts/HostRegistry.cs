using System.Collections.Concurrent;

namespace Drover.Server.Features.Hosts;

/// <summary>All enrolled hosts, in memory from the server's start on; the database stands behind them.</summary>
internal sealed class HostRegistry
{
    private readonly ConcurrentDictionary<string, EnrolledHost> _byId = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>All of them, by name.</summary>
    public IEnumerable<EnrolledHost> All => _byId.Values.OrderBy(host => host.Name, StringComparer.Ordinal);

    public int Count => _byId.Count;

    /// <summary>In no order and without a copy.</summary>
    public IEnumerable<EnrolledHost> Unordered => _byId.Select(pair => pair.Value);

    public void Add(EnrolledHost host) => _byId[host.HostId] = host;

    public void Remove(EnrolledHost host)
    {
        host.Removed = true;
        _byId.TryRemove(host.HostId, out _);
        host.Work.Beat();
    }

    public EnrolledHost? ById(string hostId) => _byId.GetValueOrDefault(hostId);

    /// <summary>The host of that id or name.</summary>
    public EnrolledHost? Find(string idOrName) =>
        ById(idOrName)
            ?? Unordered.FirstOrDefault(host => host.Name.Equals(idOrName, StringComparison.OrdinalIgnoreCase));
}
