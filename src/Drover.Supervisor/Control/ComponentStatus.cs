using Drover.Core.Components;

namespace Drover.Supervisor.Control;

/// <summary>What launches a component.</summary>
public enum ComponentKind
{
    /// <summary>A command of this machine.</summary>
    Process,

    /// <summary>A container of the Docker Engine.</summary>
    Container,

    /// <summary>Somebody else; it is only watched.</summary>
    External,
}

/// <summary>Health in one word.</summary>
public enum ComponentHealth
{
    /// <summary>It is ready and no probe speaks against it.</summary>
    Healthy,

    /// <summary>A probe fails, it waits to be started again, or it is not started again any more.</summary>
    Unhealthy,

    /// <summary>Its instance has not become ready yet.</summary>
    Starting,

    /// <summary>It rests, as it should.</summary>
    Stopped,

    /// <summary>It ran when it was last seen, and nobody sees it now: no supervisor runs, or the Docker Engine does
    /// not answer.</summary>
    Unknown,
}

/// <summary>One component at one instant.</summary>
public sealed record ComponentStatus
{
    /// <summary>Its name in the user's file.</summary>
    public required string Name { get; init; }

    /// <summary>How it is shown to people.</summary>
    public required string DisplayName { get; init; }

    /// <summary>What launches it.</summary>
    public required ComponentKind Kind { get; init; }

    /// <summary>What it is doing.</summary>
    public required ComponentState State { get; init; }

    /// <summary>True when it serves.</summary>
    public bool Ready { get; init; }

    /// <summary>In one word.</summary>
    public required ComponentHealth Health { get; init; }

    /// <summary>Number of the present or last instance; 0 before the first.</summary>
    public long Instance { get; init; }

    /// <summary>Process id of the running instance.</summary>
    public int? Pid { get; init; }

    /// <summary>Name of the running container.</summary>
    public string? Container { get; init; }

    /// <summary>Where an external component is reached.</summary>
    public string? Address { get; init; }

    /// <summary>When the running instance began to run; null when none runs.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>All restarts that nobody ordered.</summary>
    public long Restarts { get; init; }

    /// <summary>When the last of them was.</summary>
    public DateTimeOffset? LastRestartAt { get; init; }

    /// <summary>What made that restart necessary.</summary>
    public CauseStatus? LastRestartCause { get; init; }

    /// <summary>Why the last instance ended, or is being ended.</summary>
    public CauseStatus? LastCause { get; init; }

    /// <summary>The last thing that went wrong, as a sentence; null when nothing did since it was ordered.</summary>
    public string? LastError { get; init; }

    /// <summary>When it is started again; null when no start is waited for.</summary>
    public DateTimeOffset? NextStartAt { get; init; }

    /// <summary>What its start waits for, as <c>api: ready</c>; empty when it does not wait.</summary>
    public IReadOnlyList<string> WaitsFor { get; init; } = [];

    /// <summary>True when the user's file says another launch than the running instance had: a restart takes it
    /// up.</summary>
    public bool RestartPending { get; init; }

    /// <summary>Its probes: startup, liveness, readiness, as far as it has them.</summary>
    public IReadOnlyList<ProbeStatus> Probes { get; init; } = [];
}

/// <summary>Why an instance ended.</summary>
/// <param name="Word">One of the closed set: exit, signal, oom, probe, failed_start, loader, operator, unknown.</param>
/// <param name="Message">The same as a sentence.</param>
public sealed record CauseStatus(string Word, string Message);
