using Drover.Runtime.Docker.Transport;

namespace Drover.Runtime.Docker.Swarm;

/// <summary>The Swarm that this engine is or is not in.</summary>
public sealed class SwarmOperations
{
    /// <summary>Managers agree with each other first.</summary>
    private static readonly TimeSpan Agreement = TimeSpan.FromSeconds(60);
    private readonly EngineTransport _transport;

    internal SwarmOperations(EngineTransport transport) => _transport = transport;

    /// <summary>Reads it with its join tokens; 503 on an engine that is no manager.</summary>
    public Task<SwarmCluster> InspectAsync(CancellationToken cancellationToken) => _transport.ReadAsync(
        EngineRequest.Get("/swarm", "inspect the Swarm"), SwarmJson.Default.SwarmCluster, cancellationToken);

    /// <summary>Begins one with this engine as its manager; gives the node's id.</summary>
    public Task<string> InitAsync(InitSwarm swarm, CancellationToken cancellationToken) => _transport.ReadAsync(
        Slow(EngineRequest.Post("/swarm/init", "begin a Swarm")) with
        {
            Body = EngineBody.Json(swarm, SwarmJson.Default.InitSwarm),
        },
        SwarmJson.Default.String,
        cancellationToken);

    public Task JoinAsync(JoinSwarm swarm, CancellationToken cancellationToken) => _transport.SendAsync(
        Slow(EngineRequest.Post("/swarm/join", $"join the Swarm at {string.Join(", ", swarm.RemoteAddrs)}")) with
        {
            Body = EngineBody.Json(swarm, SwarmJson.Default.JoinSwarm),
        },
        cancellationToken);

    /// <param name="force">A manager only leaves by force.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task LeaveAsync(bool force, CancellationToken cancellationToken) => _transport.SendAsync(
        Slow(EngineRequest.Post("/swarm/leave", "leave the Swarm")) with
        {
            Query = new EngineQuery().Add("force", force),
        },
        cancellationToken);

    private static EngineRequest Slow(EngineRequest request) =>
        request with { Lane = EngineLane.Stream, Grace = Agreement };
}
