using Drover.Core.Components;
using Drover.Core.Health;
using Drover.Supervisor.State;

namespace Drover.Supervisor.Components;

/// <summary>What a runner's one queue carries.</summary>
internal abstract record RunnerMessage
{
    /// <summary>For the component's machine; its instant is set when it is read.</summary>
    internal sealed record Happened(Input Input) : RunnerMessage;

    /// <summary>For the health's machine; its instant is set when it is read.</summary>
    internal sealed record Probed(HealthInput Input, TimeSpan Latency) : RunnerMessage;

    /// <summary>The driver has an instance.</summary>
    internal sealed record Launched(long Instance, InstanceRecord Record) : RunnerMessage;

    /// <summary>The driver could not kill all of an instance.</summary>
    internal sealed record Survived(long Instance, string Survivors) : RunnerMessage;

    /// <summary>The driver cannot see the instance; null when it can again.</summary>
    internal sealed record Unseen(long Instance, string? Why) : RunnerMessage;

    /// <summary>A record that the disk refused may be taken by now.</summary>
    internal sealed record WriteAgain : RunnerMessage
    {
        internal static readonly WriteAgain Instance = new();
    }

    /// <summary>The driver found something wrong that does not end the instance.</summary>
    internal sealed record Objected(long Instance, string Sentence) : RunnerMessage;

    /// <summary>The end is in the history.</summary>
    internal sealed record Kept(UnconfirmedEnd End) : RunnerMessage;

    /// <summary>It shall run as soon as what it depends on lets it.</summary>
    internal sealed record AwaitStart : RunnerMessage
    {
        internal static readonly AwaitStart Instance = new();
    }

    /// <summary>What it waited for has come.</summary>
    internal sealed record Release : RunnerMessage
    {
        internal static readonly Release Instance = new();
    }

    /// <summary>The user's file says something else about it.</summary>
    internal sealed record Reconfigure(
        ComponentSpec Spec, IComponentProber Prober, IReadOnlyList<ProbeKind> OtherTargets) : RunnerMessage;

    /// <summary>Are you alive?</summary>
    internal sealed record Ping(TaskCompletionSource Answer) : RunnerMessage;
}
