using Drover.Runtime.Docker.Transport;

namespace Drover.Runtime.Docker.Volumes;

/// <summary>Volumes, by name.</summary>
public sealed class VolumeOperations
{
    private readonly EngineTransport _transport;

    internal VolumeOperations(EngineTransport transport) => _transport = transport;

    public async Task<IReadOnlyList<Volume>> ListAsync(DockerFilters? filters, CancellationToken cancellationToken)
    {
        var request = EngineRequest.Get("/volumes", "list the volumes") with { Query = new EngineQuery().Add(filters) };
        return (await _transport.ReadAsync(request, VolumeJson.Default.VolumeList, cancellationToken)).Volumes;
    }

    public Task<Volume> InspectAsync(string name, CancellationToken cancellationToken) => _transport.ReadAsync(
        EngineRequest.Get(Of(name), $"inspect volume \"{name}\""), VolumeJson.Default.Volume, cancellationToken);

    /// <summary>Creates it; one of that name that is there already is given back as it is.</summary>
    public Task<Volume> CreateAsync(CreateVolume volume, CancellationToken cancellationToken) => _transport.ReadAsync(
        EngineRequest.Post("/volumes/create", $"create volume \"{volume.Name}\"") with
        {
            Body = EngineBody.Json(volume, VolumeJson.Default.CreateVolume),
        },
        VolumeJson.Default.Volume,
        cancellationToken);

    /// <summary>Removes it and what it holds; one that a container uses is a conflict.</summary>
    /// <param name="name">Volume.</param>
    /// <param name="force">True: also when its driver is gone.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task RemoveAsync(string name, bool force, CancellationToken cancellationToken) => _transport.SendAsync(
        EngineRequest.Delete(Of(name), $"remove volume \"{name}\"") with
        {
            Query = new EngineQuery().Add("force", force),
        },
        cancellationToken);

    private static string Of(string name) => $"/volumes/{Uri.EscapeDataString(name)}";
}
