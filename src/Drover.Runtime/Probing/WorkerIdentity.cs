using System.Globalization;
using Drover.Runtime.Processes;

namespace Drover.Runtime.Probing;

/// <summary>
/// Which worker is an instance's, by the identity that Temporal's libraries give themselves: <c>pid@host</c>, in Go
/// <c>pid@host@taskqueue@</c>. The PID is that of the process that was started or of one in its session, because the
/// command is often a script that runs the worker. In a container of its own host name the host alone decides.
/// </summary>
internal sealed class WorkerIdentity
{
    private const int ShortContainerId = 12;
    private static readonly string ThisHost = File.ReadAllText("/proc/sys/kernel/hostname").Trim();

    private readonly int? _leader;
    private readonly string _host;

    private WorkerIdentity(int? leader, string host)
    {
        _leader = leader;
        _host = host;
    }

    /// <summary>The one of a subject that has a process or a container.</summary>
    public static WorkerIdentity Of(ProbeSubject subject) => subject switch
    {
        { Process: { } process } => new WorkerIdentity(process.Pid, ThisHost),
        { ContainerId: { } id } => new WorkerIdentity(null, id[..Math.Min(id.Length, ShortContainerId)]),
        _ => throw new ArgumentException("the subject has neither a process nor a container", nameof(subject)),
    };

    /// <summary>Whether that worker is the instance's.</summary>
    public bool Is(string identity)
    {
        var parts = identity.Split('@', 3);
        return parts.Length >= 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
            && (IsHost(parts[1], _host) || IsHost(_host, parts[1]))
            && (_leader is null || pid == _leader || ProcessStat.TryRead(pid)?.Session == _leader);
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{_leader?.ToString(CultureInfo.InvariantCulture) ?? "*"}@{_host}";

    /// <summary>Some libraries give the whole name and some its first part.</summary>
    private static bool IsHost(string name, string full) =>
        string.Equals(name, full, StringComparison.OrdinalIgnoreCase)
        || full.StartsWith($"{name}.", StringComparison.OrdinalIgnoreCase);
}
