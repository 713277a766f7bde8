namespace Drover.Runtime.Docker.Containers;

/// <summary>A command to run inside a running container.</summary>
public sealed record CreateExec
{
    /// <summary>Program and arguments; no shell is added.</summary>
    public required IReadOnlyList<string> Cmd { get; init; }

    /// <summary><c>NAME=value</c> each.</summary>
    public IReadOnlyList<string>? Env { get; init; }

    public string? User { get; init; }

    public string? WorkingDir { get; init; }

    public bool Tty { get; init; }

    public bool AttachStdout { get; init; } = true;

    public bool AttachStderr { get; init; } = true;

    public bool Privileged { get; init; }
}

/// <summary>What the engine says of an exec.</summary>
public sealed record ExecInspect
{
    [System.Text.Json.Serialization.JsonPropertyName("ID")]
    public string Id { get; init => field = value ?? ""; } = "";

    [System.Text.Json.Serialization.JsonPropertyName("ContainerID")]
    public string ContainerId { get; init => field = value ?? ""; } = "";

    public bool Running { get; init; }

    /// <summary>Null while it runs.</summary>
    public int? ExitCode { get; init; }

    /// <summary>Process id on the engine's machine.</summary>
    public int Pid { get; init; }
}

internal sealed record CreatedExec
{
    public string Id { get; init => field = value ?? ""; } = "";
}

internal sealed record StartExec
{
    public bool Detach { get; init; }

    public bool Tty { get; init; }
}
