using Drover.Runtime.Docker;
using Drover.Runtime.Processes;

namespace Drover.Runtime.Probing;

/// <summary>Makes the probes of one component.</summary>
/// <param name="services">What its probes may use.</param>
public sealed class ProbeFactory(ProbeServices services)
{
    /// <summary>Makes a probe, to be run as long as the component is watched.</summary>
    /// <exception cref="InvalidOperationException">The kind needs a service that was not given.</exception>
    public IProbe Create(ProbeTarget target)
    {
        ArgumentNullException.ThrowIfNull(target);
        return target.CreateProbe(services);
    }
}

/// <summary>
/// What the probes of one component may use. Nothing here is touched by a kind that does not need it.
/// </summary>
/// <param name="Time">Clock of all pauses and ages.</param>
public sealed record ProbeServices(TimeProvider Time)
{
    /// <summary>Starts the commands of exec probes.</summary>
    public ProcessLauncher? Launcher { get; init; }

    /// <summary>Gives the client of the engine that runs the component; asked at the first run.</summary>
    public Func<DockerClient>? Docker { get; init; }

    /// <summary>The component's log.</summary>
    public ILogTap? Log { get; init; }

    internal ProcessLauncher NeedLauncher() => Launcher ?? throw Missing(nameof(Launcher));

    internal Func<DockerClient> NeedDocker() => Docker ?? throw Missing(nameof(Docker));

    internal ILogTap NeedLog() => Log ?? throw Missing(nameof(Log));

    private static InvalidOperationException Missing(string service) =>
        new($"cannot make the probe: no {nameof(ProbeServices)}.{service} was given");
}
