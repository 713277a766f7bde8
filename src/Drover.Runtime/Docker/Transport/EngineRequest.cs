namespace Drover.Runtime.Docker.Transport;

/// <summary>One request to the engine, replayable because its body is made anew for each attempt.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Path">Path without the version prefix, each part from outside escaped.</param>
/// <param name="Operation">What it does in words that follow "cannot": <c>restart container "web"</c>.</param>
internal sealed record EngineRequest(HttpMethod Method, string Path, string Operation)
{
    public EngineQuery? Query { get; init; }

    public Func<HttpContent>? Body { get; init; }

    public EngineLane Lane { get; init; }

    /// <summary>Time the engine may take on purpose (a stop's grace), on top of the call timeout.</summary>
    public TimeSpan Grace { get; init; }

    /// <summary>Time for the whole answer in place of call timeout and grace; null: those.</summary>
    public TimeSpan? Limit { get; init; }

    /// <summary>Header X-Registry-Auth. Secret: never logged, never part of an error.</summary>
    public string? RegistryAuth { get; init; }

    /// <summary>Header X-Registry-Config, the same for the several registries a build may use.</summary>
    public string? RegistryConfig { get; init; }

    /// <summary>False when repeating it with another API version could send half-read content.</summary>
    public bool Replayable { get; init; } = true;

    public static EngineRequest Get(string path, string operation) => new(HttpMethod.Get, path, operation);

    public static EngineRequest Post(string path, string operation) => new(HttpMethod.Post, path, operation);

    public static EngineRequest Delete(string path, string operation) => new(HttpMethod.Delete, path, operation);
}

/// <summary>Connections are pooled by how long they are held, so that long streams never starve short calls.</summary>
internal enum EngineLane
{
    /// <summary>Short calls.</summary>
    Call,

    /// <summary>Whatever may take long or never end.</summary>
    Stream,

    /// <summary>Pings, so that a busy client does not look like a hung engine.</summary>
    Ping,
}
