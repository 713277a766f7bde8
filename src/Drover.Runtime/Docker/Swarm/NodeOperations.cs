using System.Globalization;
using Drover.Runtime.Docker.Transport;

namespace Drover.Runtime.Docker.Swarm;

/// <summary>Machines of the Swarm, by id or host name. Only a manager answers.</summary>
public sealed class NodeOperations
{
    private readonly EngineTransport _transport;

    internal NodeOperations(EngineTransport transport) => _transport = transport;

    public Task<IReadOnlyList<SwarmNode>> ListAsync(DockerFilters? filters, CancellationToken cancellationToken) =>
        _transport.ReadAsync(
            EngineRequest.Get("/nodes", "list the nodes") with { Query = new EngineQuery().Add(filters) },
            SwarmJson.Default.IReadOnlyListSwarmNode,
            cancellationToken);

    public Task<SwarmNode> InspectAsync(string id, CancellationToken cancellationToken) => _transport.ReadAsync(
        EngineRequest.Get(Of(id, ""), $"inspect node \"{id}\""), SwarmJson.Default.SwarmNode, cancellationToken);

    /// <summary>Replaces what the node should be; a stale version is a
    /// <see cref="DockerApiException.IsStaleVersion"/>.</summary>
    public Task UpdateAsync(string id, ObjectVersion version, NodeSpec spec, CancellationToken cancellationToken) =>
        _transport.SendAsync(
            EngineRequest.Post(Of(id, "/update"), $"update node \"{id}\"") with
            {
                Query = new EngineQuery().Add("version", version.Index.ToString(CultureInfo.InvariantCulture)),
                Body = EngineBody.Json(spec, SwarmJson.Default.NodeSpec),
            },
            cancellationToken);

    private static string Of(string id, string what) => $"/nodes/{Uri.EscapeDataString(id)}{what}";
}
