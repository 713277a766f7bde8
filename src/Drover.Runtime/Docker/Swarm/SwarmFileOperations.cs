using Drover.Runtime.Docker.Transport;

namespace Drover.Runtime.Docker.Swarm;

/// <summary>Secrets, or configs: the engine treats both alike but that a secret's content is never read back. Only a
/// manager answers.</summary>
public sealed class SwarmFileOperations
{
    private readonly EngineTransport _transport;
    private readonly string _noun;

    /// <param name="transport">Way to the engine.</param>
    /// <param name="noun">secret or config, in paths as in sentences.</param>
    internal SwarmFileOperations(EngineTransport transport, string noun)
    {
        _transport = transport;
        _noun = noun;
    }

    public Task<IReadOnlyList<SwarmFile>> ListAsync(DockerFilters? filters, CancellationToken cancellationToken) =>
        _transport.ReadAsync(
            EngineRequest.Get($"/{_noun}s", $"list the {_noun}s") with { Query = new EngineQuery().Add(filters) },
            SwarmJson.Default.IReadOnlyListSwarmFile,
            cancellationToken);

    public Task<SwarmFile> InspectAsync(string id, CancellationToken cancellationToken) => _transport.ReadAsync(
        EngineRequest.Get(Of(id), $"inspect {_noun} \"{id}\""), SwarmJson.Default.SwarmFile, cancellationToken);

    /// <summary>Stores it and gives its id; a name that is taken is a conflict.</summary>
    public async Task<string> CreateAsync(SwarmFileSpec spec, CancellationToken cancellationToken)
    {
        var request = EngineRequest.Post($"/{_noun}s/create", $"create {_noun} \"{spec.Name}\"") with
        {
            Body = EngineBody.Json(spec, SwarmJson.Default.SwarmFileSpec),
        };
        return (await _transport.ReadAsync(request, SwarmJson.Default.CreatedObject, cancellationToken)).Id;
    }

    /// <summary>Removes it; one that a service uses is refused.</summary>
    public Task RemoveAsync(string id, CancellationToken cancellationToken) =>
        _transport.SendAsync(EngineRequest.Delete(Of(id), $"remove {_noun} \"{id}\""), cancellationToken);

    private string Of(string id) => $"/{_noun}s/{Uri.EscapeDataString(id)}";
}
