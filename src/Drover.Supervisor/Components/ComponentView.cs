using System.Collections.Immutable;
using Drover.Core.Components;
using Drover.Core.Health;
using Drover.Supervisor.State;

namespace Drover.Supervisor.Components;

/// <summary>What a runner lets others see: one consistent state, never changed afterwards.</summary>
internal sealed record ComponentView
{
    internal required Component Component { get; init; }

    internal required HealthState Health { get; init; }

    /// <summary>True while its start waits for what it depends on.</summary>
    internal bool AwaitsStart { get; init; }

    internal InstanceRecord? Instance { get; init; }

    internal string? LastError { get; init; }

    /// <summary>Why nothing can be told of the instance just now; null while it is seen.</summary>
    internal string? Unseen { get; init; }

    /// <summary>The instance's own process has ended; what it started has not.</summary>
    internal bool OnlyRemains { get; init; }

    /// <summary>What of the instance lives on although it was killed; null while nothing is known to.</summary>
    internal string? Survivors { get; init; }

    /// <summary>Ends that may not be in the history yet, oldest first.</summary>
    internal ImmutableList<UnconfirmedEnd> Ends { get; init; } = [];

    /// <summary>The last run of each probe in this life of the supervisor.</summary>
    internal ProbeTrace Startup { get; init; }

    internal ProbeTrace Liveness { get; init; }

    internal ProbeTrace Readiness { get; init; }

    internal ComponentRuntime Runtime => Component.Runtime;

    /// <summary>True when it was even killed and whoever runs it does not answer: nobody can say whether it
    /// ended.</summary>
    internal bool EndsUnseen => Unseen is not null && Runtime is { State: ComponentState.Stopping, Kills: > 0 };

    /// <summary>
    /// True when it shall end, was killed, and lives on: nobody can say when that ends, so nobody is made to wait.
    /// </summary>
    internal bool IsStuck => Survivors is not null && Runtime.State is ComponentState.Stopping;

    /// <summary>True when all that can be done to end it has been done.</summary>
    internal bool IsOver => IsAtRest || IsStuck;

    /// <summary>True when nothing of it runs and nothing is about to.</summary>
    internal bool IsAtRest =>
        !AwaitsStart && Runtime.State is ComponentState.Stopped or ComponentState.Failed;

    internal ProbeTrace TraceOf(ProbeKind kind) => kind switch
    {
        ProbeKind.Startup => Startup,
        ProbeKind.Liveness => Liveness,
        ProbeKind.Readiness => Readiness,
    };

    internal ComponentView With(ProbeKind kind, ProbeTrace trace) => kind switch
    {
        ProbeKind.Startup => this with { Startup = trace },
        ProbeKind.Liveness => this with { Liveness = trace },
        ProbeKind.Readiness => this with { Readiness = trace },
    };
}

/// <summary>When a probe ended last, and how long it took.</summary>
internal readonly record struct ProbeTrace(TimeSpan? EndedAt, TimeSpan Latency);
