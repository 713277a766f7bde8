using Drover.Runtime.Docker;
using Drover.Supervisor.Components;
using Drover.Supervisor.Documents;
using Microsoft.Extensions.Logging;

namespace Drover.Supervisor.Containers;

/// <summary>What a container driver works with.</summary>
internal sealed record ContainerDriverParts
{
    /// <summary>Name of the component.</summary>
    internal required string Component { get; init; }

    /// <summary>
    /// Id of the data directory: tells our containers from those of other supervisors on the same engine.
    /// </summary>
    internal required string SupervisorId { get; init; }

    /// <summary>Gives the engine's client; asked for at the first use.</summary>
    internal required Func<DockerClient> Docker { get; init; }

    /// <summary>Directory of the component's secrets, below one that only this user may enter.</summary>
    internal required string SecretsDirectory { get; init; }

    /// <summary>How much of its output the engine keeps.</summary>
    internal LogDocument Log { get; init; } = new();

    /// <summary>Is told of each run, so that its log can be read; null where nobody reads it.</summary>
    internal ContainerOutput? Output { get; init; }

    internal required MonotonicClock Clock { get; init; }

    internal required ILogger Logger { get; init; }
}
