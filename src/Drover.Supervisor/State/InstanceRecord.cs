using Drover.Runtime.Processes;

namespace Drover.Supervisor.State;

/// <summary>By what a running instance is found again, whoever asks and whenever.</summary>
public sealed record InstanceRecord
{
    /// <summary>Number of the instance.</summary>
    public required long Instance { get; init; }

    /// <summary>Of a process: who it is, beyond its number.</summary>
    public ProcessIdentity? Process { get; init; }

    /// <summary>Of a process: the control group it was put into.</summary>
    public string? ControlGroup { get; init; }

    /// <summary>Of a container: its id.</summary>
    public string? ContainerId { get; init; }

    /// <summary>Of a container: its name.</summary>
    public string? ContainerName { get; init; }

    /// <summary>
    /// Where its output begins: of a process in all that the component ever wrote, of a container in nanoseconds since
    /// 1970.
    /// </summary>
    public long LogFrom { get; init; }

    /// <summary>A digest of the launch it was made from, by which a changed one is noticed.</summary>
    public string? Launch { get; init; }
}
