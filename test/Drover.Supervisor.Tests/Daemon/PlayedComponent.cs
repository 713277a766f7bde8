using Drover.Core.Components;
using Drover.Core.Health;
using Drover.Runtime.Probing;
using Drover.Supervisor.Documents;

namespace Drover.Supervisor.Tests.Daemon;

/// <summary>A component of a test, short to write and easy to hand to another process.</summary>
internal sealed record PlayedComponent(string Name, string Script)
{
    /// <summary>What runs the script.</summary>
    public string Program { get; init; } = "/bin/sh";

    public Dictionary<string, DependencyCondition> DependsOn { get; init; } = [];

    public List<string> RestartsWith { get; init; } = [];

    public double MinUptimeSeconds { get; init; }

    public double GraceSeconds { get; init; } = 5;

    public RestartMode Mode { get; init; }

    public int Limit { get; init; } = 1000;

    /// <summary>A file whose being there is the readiness probe; null for none.</summary>
    public string? ReadyFile { get; init; }

    /// <summary>A file whose being there is the liveness probe; null for none.</summary>
    public string? LiveFile { get; init; }

    /// <summary>How old the file of the liveness probe may be; 0 for any age.</summary>
    public double LiveWithinSeconds { get; init; }

    /// <summary>A file whose being there is the startup probe; null for none.</summary>
    public string? StartedFile { get; init; }

    /// <summary>Between two probes.</summary>
    public double PeriodSeconds { get; init; } = 0.05;

    /// <summary>As the reader of the user's file would give it.</summary>
    public ComponentDocument ToDocument(string directory) => new()
    {
        Name = Name,
        DisplayName = Name,
        Spec = new ComponentSpec
        {
            Restart = new RestartPolicy
            {
                Mode = Mode,
                MinUptime = TimeSpan.FromSeconds(MinUptimeSeconds),
                Limit = Limit,
            },
            Stop = new StopPolicy("SIGTERM", TimeSpan.FromSeconds(GraceSeconds)),
            Health = new HealthSpec(
                Liveness: LiveFile is null ? null : Probe(),
                Readiness: ReadyFile is null ? null : Probe(),
                Startup: StartedFile is null ? null : Probe()),
        },
        Launch = new ProcessLaunch
        {
            Command = [Program, "-c", Script],
            WorkingDirectory = directory,
        },
        DependsOn = DependsOn,
        RestartsWith = RestartsWith.ToHashSet(),
        Startup = StartedFile is null ? null : new ProbeTarget.File(StartedFile),
        Liveness = LiveFile is null
            ? null
            : new ProbeTarget.File(
                LiveFile, LiveWithinSeconds > 0 ? TimeSpan.FromSeconds(LiveWithinSeconds) : null),
        Readiness = ReadyFile is null ? null : new ProbeTarget.File(ReadyFile),
    };

    private ProbeSpec Probe() => new() { Period = TimeSpan.FromSeconds(PeriodSeconds) };
}
