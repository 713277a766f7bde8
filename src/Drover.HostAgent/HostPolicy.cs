using Drover.Wire.Commands;

namespace Drover.HostAgent;

/// <summary>What this host lets the server do. Decided on the host alone: the server is told and cannot widen
/// it.</summary>
public sealed record HostPolicy
{
    /// <summary>True: nothing that changes the host is executed, whatever <see cref="AllowedTypes"/> says.</summary>
    public bool MonitorOnly { get; init; }

    /// <summary>Command types that are executed. Default: all.</summary>
    public IReadOnlyList<string> AllowedTypes { get; init; } = CommandTypes.All;

    /// <summary>App codes that are never restarted, started or stopped. Default: none.</summary>
    public IReadOnlyList<string> ProtectedApps { get; init; } = [];
}
