using Drover.Core.Components;
using Drover.Core.Health;
using Drover.Runtime.Probing;

namespace Drover.Supervisor.Documents;

/// <summary>
/// One component as the user's file has it, checked: nothing in here can be refused any more, only fail when it is
/// launched.
/// </summary>
public sealed record ComponentDocument
{
    /// <summary>Its name, of the letters a file name may have.</summary>
    public required string Name { get; init; }

    /// <summary>How it is shown to people.</summary>
    public required string DisplayName { get; init; }

    /// <summary>What decisions depend on.</summary>
    public required ComponentSpec Spec { get; init; }

    /// <summary>What is launched, or watched.</summary>
    public required LaunchDocument Launch { get; init; }

    /// <summary>What must be true of others before it is started, in the order of the file.</summary>
    public IReadOnlyDictionary<string, DependencyCondition> DependsOn { get; init; } =
        new Dictionary<string, DependencyCondition>();

    /// <summary>Those of them whose restart restarts it too.</summary>
    public IReadOnlySet<string> RestartsWith { get; init; } = new HashSet<string>();

    /// <summary>What the startup probe asks; null where there is none.</summary>
    public ProbeTarget? Startup { get; init; }

    /// <summary>What the liveness probe asks; null where there is none.</summary>
    public ProbeTarget? Liveness { get; init; }

    /// <summary>What the readiness probe asks; null where there is none.</summary>
    public ProbeTarget? Readiness { get; init; }

    /// <summary>How much of its output is kept.</summary>
    public LogDocument Log { get; init; } = new();

    /// <summary>What the probe of that kind asks; null where there is none.</summary>
    public ProbeTarget? TargetOf(ProbeKind kind) => kind switch
    {
        ProbeKind.Startup => Startup,
        ProbeKind.Liveness => Liveness,
        ProbeKind.Readiness => Readiness,
    };
}

/// <summary>How much of a component's output is kept.</summary>
public sealed record LogDocument
{
    /// <summary>The live file becomes an archive when it holds so many bytes.</summary>
    public long MaxBytes { get; init; } = 16L << 20;

    /// <summary>It becomes one, too, when its oldest line is this old.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromDays(1);

    /// <summary>So many archives are kept.</summary>
    public int Keep { get; init; } = 7;

    /// <summary>No archive is kept longer.</summary>
    public TimeSpan KeepFor { get; init; } = TimeSpan.FromDays(7);
}
