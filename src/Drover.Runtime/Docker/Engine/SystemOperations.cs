using System.Text.Json.Serialization;
using Drover.Runtime.Docker.Transport;

namespace Drover.Runtime.Docker.Engine;

/// <summary>The engine itself: is it there, what is it, what does it hold.</summary>
public sealed class SystemOperations
{
    private static readonly TimeSpan DiskWalk = TimeSpan.FromMinutes(5);
    private readonly EngineTransport _transport;

    internal SystemOperations(EngineTransport transport) => _transport = transport;

    /// <summary>Asks for a sign of life within <see cref="DockerClientOptions.PingTimeout"/>, on connections of its
    /// own.</summary>
    public Task<EnginePing> PingAsync(CancellationToken cancellationToken) => _transport.PingAsync(cancellationToken);

    /// <summary>The API version that requests are sent under.</summary>
    public Task<ApiVersion> NegotiateAsync(CancellationToken cancellationToken) =>
        _transport.NegotiateAsync(cancellationToken);

    public Task<EngineFacts> InfoAsync(CancellationToken cancellationToken) => _transport.ReadAsync(
        EngineRequest.Get("/info", "read the Docker Engine's facts"),
        SystemJson.Default.EngineFacts,
        cancellationToken);

    public Task<EngineVersion> VersionAsync(CancellationToken cancellationToken) => _transport.ReadAsync(
        EngineRequest.Get("/version", "read the Docker Engine's version"),
        SystemJson.Default.EngineVersion,
        cancellationToken);

    public Task<DiskUsage> DiskUsageAsync(CancellationToken cancellationToken) => _transport.ReadAsync(
        EngineRequest.Get("/system/df", "read Docker's disk usage") with { Lane = EngineLane.Stream, Grace = DiskWalk },
        SystemJson.Default.DiskUsage,
        cancellationToken);
}

[JsonSerializable(typeof(EngineFacts))]
[JsonSerializable(typeof(EngineVersion))]
[JsonSerializable(typeof(DiskUsage))]
internal sealed partial class SystemJson : JsonSerializerContext;
