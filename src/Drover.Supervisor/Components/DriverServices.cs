using Drover.Runtime.Docker;
using Drover.Runtime.Processes;
using Drover.Supervisor.Containers;
using Drover.Supervisor.Documents;
using Microsoft.Extensions.Logging;

namespace Drover.Supervisor.Components;

/// <summary>What the driver of one component may use. Nothing is touched by a kind that does not need it.</summary>
internal sealed record DriverServices
{
    /// <summary>The component, as it was when its runner was made.</summary>
    internal required ComponentDocument Component { get; init; }

    /// <summary>What is launched next; a reload changes it.</summary>
    internal required ComponentLaunch Launch { get; init; }

    /// <summary>Id of the data directory, the first part of every mark.</summary>
    internal required string SupervisorId { get; init; }

    /// <summary>Variables that every component gets unless its own say otherwise.</summary>
    internal required IReadOnlyDictionary<string, string> Foundation { get; init; }

    internal required ProcessLauncher Launcher { get; init; }

    /// <summary>What <see cref="ProcessDriverParts.MarksFound"/> says.</summary>
    internal required Func<IReadOnlyList<string>> MarksFound { get; init; }

    /// <summary>Gives the engine's client; asked for at the first use.</summary>
    internal required Func<DockerClient> Docker { get; init; }

    /// <summary>Keeps what the component writes to its file.</summary>
    internal required ComponentLog Log { get; init; }

    /// <summary>Where what it writes is found.</summary>
    internal required IComponentOutput Output { get; init; }

    /// <summary>The file it writes to.</summary>
    internal required string LogPath { get; init; }

    /// <summary>Where the component's secrets lie, below a directory that only this user may enter.</summary>
    internal required string SecretsDirectory { get; init; }

    internal required MonotonicClock Clock { get; init; }

    internal required ILoggerFactory Loggers { get; init; }

    internal ProcessDriverParts ForProcess() => new()
    {
        Component = Component.Name,
        SupervisorId = SupervisorId,
        Launcher = Launcher,
        Log = Log,
        MarksFound = MarksFound,
        Clock = Clock,
        Logger = Loggers.CreateLogger<ProcessDriver>(),
    };

    internal ContainerDriverParts ForContainer() => new()
    {
        Component = Component.Name,
        SupervisorId = SupervisorId,
        Docker = Docker,
        SecretsDirectory = SecretsDirectory,
        Log = Component.Log,
        Output = Output as ContainerOutput,
        Clock = Clock,
        Logger = Loggers.CreateLogger<ContainerDriver>(),
    };
}
