using System.Globalization;
using System.Runtime.CompilerServices;
using Drover.Runtime.Docker.Logs;
using Drover.Runtime.Docker.Transport;

namespace Drover.Runtime.Docker.Swarm;

/// <summary>Services, by id or name. Only a manager answers.</summary>
public sealed class ServiceOperations
{
    private readonly EngineTransport _transport;

    internal ServiceOperations(EngineTransport transport) => _transport = transport;

    /// <param name="filters">As <c>docker service ls --filter</c>.</param>
    /// <param name="status">True: also <see cref="Service.ServiceStatus"/>; engines before 20.10 ignore it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task<IReadOnlyList<Service>> ListAsync(
        DockerFilters? filters, bool status, CancellationToken cancellationToken) => _transport.ReadAsync(
        EngineRequest.Get("/services", "list the services") with
        {
            Query = new EngineQuery().Add(filters).Add("status", status),
        },
        SwarmJson.Default.IReadOnlyListService,
        cancellationToken);

    public Task<Service> InspectAsync(string id, CancellationToken cancellationToken) => _transport.ReadAsync(
        EngineRequest.Get(Of(id, ""), $"inspect service \"{id}\""), SwarmJson.Default.Service, cancellationToken);

    /// <summary>The service with its spec as the engine wrote it, for a change that must touch nothing else.</summary>
    public async Task<RawService> InspectRawAsync(string id, CancellationToken cancellationToken)
    {
        var request = EngineRequest.Get(Of(id, ""), $"inspect service \"{id}\"");
        return RawService.Of(await _transport.ReadAsync(request, SwarmJson.Default.JsonElement, cancellationToken))
            ?? throw new DockerUnavailableException(
                request.Operation, DockerFailure.BadAnswer, "what answered does not describe a service");
    }

    /// <summary>Replaces what the service should be by a spec that was changed in one place; a stale version as with
    /// <see cref="UpdateAsync(string, ObjectVersion, ServiceSpec, RegistryCredentials, CancellationToken)"/>.</summary>
    /// <returns>Warnings.</returns>
    public Task<IReadOnlyList<string>> UpdateAsync(RawService service, CancellationToken cancellationToken) =>
        UpdateAsync(
            service.Id, service.Version, EngineBody.Json(service.Spec), credentials: null, cancellationToken);

    /// <param name="spec">What it should be.</param>
    /// <param name="credentials">What its nodes need to pull the image; null for a public one.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task<CreatedService> CreateAsync(
        ServiceSpec spec, RegistryCredentials? credentials, CancellationToken cancellationToken) =>
            _transport.ReadAsync(
        EngineRequest.Post("/services/create", $"create service \"{spec.Name}\"") with
        {
            Body = EngineBody.Json(spec, SwarmJson.Default.ServiceSpec),
            RegistryAuth = credentials?.ToHeader(),
        },
        SwarmJson.Default.CreatedService,
        cancellationToken);

    /// <summary>Replaces what the service should be. When another did so since, it is a
    /// <see cref="DockerApiException.IsStaleVersion"/>: read and try again.</summary>
    /// <param name="id">Service.</param>
    /// <param name="version">Of the state that <paramref name="spec"/> was made from.</param>
    /// <param name="spec">The whole of what it should be.</param>
    /// <param name="credentials">Null keeps those it has.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Warnings.</returns>
    public Task<IReadOnlyList<string>> UpdateAsync(
        string id,
        ObjectVersion version,
        ServiceSpec spec,
        RegistryCredentials? credentials,
        CancellationToken cancellationToken) =>
        UpdateAsync(
            id, version, EngineBody.Json(spec, SwarmJson.Default.ServiceSpec), credentials, cancellationToken);

    public Task RemoveAsync(string id, CancellationToken cancellationToken) =>
        _transport.SendAsync(EngineRequest.Delete(Of(id, ""), $"remove service \"{id}\""), cancellationToken);

    /// <summary>Reads the output of all its tasks; lines of different tasks come in no sure order.</summary>
    public async IAsyncEnumerable<LogLine> LogsAsync(
        string id, LogQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var tty = (await InspectAsync(id, cancellationToken)).Spec.TaskTemplate.ContainerSpec?.Tty ?? false;
        var request = EngineRequest.Get(Of(id, "/logs"), $"read the log of service \"{id}\"") with
        {
            Query = query.ToQuery(),
        };
        await using var stream = await _transport.OpenAsync(request, cancellationToken);
        var lines = LogReader.ReadAsync(
            stream, tty, query.Timestamps, _transport.Options.MaxLineBytes, cancellationToken);
        await foreach (var line in lines)
        {
            yield return line;
        }
    }

    private async Task<IReadOnlyList<string>> UpdateAsync(
        string id,
        ObjectVersion version,
        Func<HttpContent> spec,
        RegistryCredentials? credentials,
        CancellationToken cancellationToken)
    {
        var request = EngineRequest.Post(Of(id, "/update"), $"update service \"{id}\"") with
        {
            Query = new EngineQuery()
                .Add("version", version.Index.ToString(CultureInfo.InvariantCulture))
                .Add("registryAuthFrom", "spec"),
            Body = spec,
            RegistryAuth = credentials?.ToHeader(),
        };
        return (await _transport.ReadAsync(request, SwarmJson.Default.UpdatedService, cancellationToken)).Warnings;
    }

    private static string Of(string id, string what) => $"/services/{Uri.EscapeDataString(id)}{what}";
}
