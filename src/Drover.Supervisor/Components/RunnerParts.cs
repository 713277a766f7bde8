using Drover.Core.Components;
using Drover.Supervisor.State;
using Microsoft.Extensions.Logging;

namespace Drover.Supervisor.Components;

/// <summary>What a runner works with.</summary>
internal sealed record RunnerParts
{
    internal required ComponentId Id { get; init; }

    internal required ComponentSpec Spec { get; init; }

    internal required StateStore Store { get; init; }

    /// <summary>The id of the present boot.</summary>
    internal required string Boot { get; init; }

    internal required IComponentProber Prober { get; init; }

    internal required IComponentOutput Output { get; init; }

    internal required IComponentEvents Events { get; init; }

    /// <summary>Events go to a server, so that none may be lost: they are part of the record until they are
    /// kept.</summary>
    internal bool KeepsEvents { get; init; }

    /// <summary>Digest of what is launched next; null where nothing is.</summary>
    internal Func<string?> LaunchDigest { get; init; } = () => null;

    internal required MonotonicClock Clock { get; init; }

    /// <summary>Chance of jitter and spread; this runner's own.</summary>
    internal required Random Random { get; init; }

    /// <summary>What its reader and its probes run on.</summary>
    internal TaskScheduler Scheduler { get; init; } = TaskScheduler.Default;

    internal required ILogger Logger { get; init; }
}
