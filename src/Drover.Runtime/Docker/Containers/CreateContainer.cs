using System.Collections.ObjectModel;

namespace Drover.Runtime.Docker.Containers;

/// <summary>A container to create.</summary>
public sealed record CreateContainer : ContainerConfig
{
    public HostConfig HostConfig { get; init => field = value ?? new(); } = new();

    public NetworkingConfig? NetworkingConfig { get; init; }
}

/// <summary>Networks a new container joins, by name.</summary>
public sealed record NetworkingConfig
{
    public IReadOnlyDictionary<string, NetworkEndpoint> EndpointsConfig { get; init => field = value ?? None; } = None;

    private static ReadOnlyDictionary<string, NetworkEndpoint> None =>
        ReadOnlyDictionary<string, NetworkEndpoint>.Empty;
}

/// <summary>A container that was created.</summary>
public sealed record CreatedContainer
{
    public string Id { get; init => field = value ?? ""; } = "";

    public IReadOnlyList<string> Warnings { get; init => field = value ?? []; } = [];
}

/// <summary>How a container ended.</summary>
public sealed record ContainerExit
{
    public int StatusCode { get; init; }

    /// <summary>Null unless waiting itself went wrong.</summary>
    public ContainerExitError? Error { get; init; }
}

/// <summary>Why waiting went wrong.</summary>
public sealed record ContainerExitError
{
    public string Message { get; init => field = value ?? ""; } = "";
}

/// <summary>Processes of a container, as <c>ps</c> prints them.</summary>
public sealed record ContainerProcesses
{
    public IReadOnlyList<string> Titles { get; init => field = value ?? []; } = [];

    public IReadOnlyList<IReadOnlyList<string>> Processes { get; init => field = value ?? []; } = [];
}
