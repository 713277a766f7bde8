using Drover.Runtime.Docker.Containers;
using Drover.Runtime.Docker.Transport;

namespace Drover.Runtime.Docker.Networks;

/// <summary>Networks, by id or name.</summary>
public sealed class NetworkOperations
{
    private readonly EngineTransport _transport;

    internal NetworkOperations(EngineTransport transport) => _transport = transport;

    public Task<IReadOnlyList<Network>> ListAsync(DockerFilters? filters, CancellationToken cancellationToken) =>
        _transport.ReadAsync(
            EngineRequest.Get("/networks", "list the networks") with { Query = new EngineQuery().Add(filters) },
            NetworkJson.Default.IReadOnlyListNetwork,
            cancellationToken);

    public Task<Network> InspectAsync(string id, CancellationToken cancellationToken) => _transport.ReadAsync(
        EngineRequest.Get(Of(id, ""), $"inspect network \"{id}\""), NetworkJson.Default.Network, cancellationToken);

    /// <summary>Creates it and gives its id.</summary>
    public async Task<string> CreateAsync(CreateNetwork network, CancellationToken cancellationToken)
    {
        var request = EngineRequest.Post("/networks/create", $"create network \"{network.Name}\"") with
        {
            Body = EngineBody.Json(network, NetworkJson.Default.CreateNetwork),
        };
        return (await _transport.ReadAsync(request, NetworkJson.Default.CreatedNetwork, cancellationToken)).Id;
    }

    /// <summary>Removes it; one that containers are in is refused.</summary>
    public Task RemoveAsync(string id, CancellationToken cancellationToken) =>
        _transport.SendAsync(EngineRequest.Delete(Of(id, ""), $"remove network \"{id}\""), cancellationToken);

    /// <summary>Puts a container into it.</summary>
    /// <param name="id">Network.</param>
    /// <param name="containerId">Container.</param>
    /// <param name="endpoint">Aliases or a fixed address; null for neither.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task ConnectAsync(
        string id, string containerId, NetworkEndpoint? endpoint, CancellationToken cancellationToken)
    {
        var connection = new NetworkConnection { Container = containerId, EndpointConfig = endpoint };
        return ChangeAsync(
            id, "/connect", $"put container \"{containerId}\" into network \"{id}\"", connection, cancellationToken);
    }

    /// <summary>Takes a container out of it.</summary>
    public Task DisconnectAsync(string id, string containerId, bool force, CancellationToken cancellationToken)
    {
        var connection = new NetworkConnection { Container = containerId, Force = force };
        var operation = $"take container \"{containerId}\" out of network \"{id}\"";
        return ChangeAsync(id, "/disconnect", operation, connection, cancellationToken);
    }

    private async Task ChangeAsync(
        string id, string what, string operation, NetworkConnection connection, CancellationToken cancellationToken) =>
        await _transport.SendAsync(
            EngineRequest.Post(Of(id, what), operation) with
            {
                Body = EngineBody.Json(connection, NetworkJson.Default.NetworkConnection),
            },
            cancellationToken);

    private static string Of(string id, string what) => $"/networks/{Uri.EscapeDataString(id)}{what}";
}
