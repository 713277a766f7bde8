using System.Text.Json;
using Drover.Runtime.Docker.Transport;

namespace Drover.Runtime.Docker.Images;

/// <summary>How to build an image with the engine's classic builder.</summary>
public sealed record BuildImage
{
    /// <summary><c>name:tag</c> each.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Path of the Dockerfile within the context; null means <c>Dockerfile</c>.</summary>
    public string? Dockerfile { get; init; }

    /// <summary>Values of ARG. Not for secrets: they stay in the image's history.</summary>
    public IReadOnlyDictionary<string, string>? Arguments { get; init; }

    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Stage to stop at; null for the last.</summary>
    public string? Target { get; init; }

    /// <summary>Network of RUN steps; null for the engine's default.</summary>
    public string? NetworkMode { get; init; }

    public bool NoCache { get; init; }

    /// <summary>True: base images are asked for again.</summary>
    public bool Pull { get; init; }

    /// <summary>Credentials of the registries that base images come from.</summary>
    public IReadOnlyList<RegistryCredentials> Registries { get; init; } = [];

    internal EngineQuery ToQuery()
    {
        var query = new EngineQuery()
            .Add("dockerfile", Dockerfile)
            .Add("target", Target)
            .Add("networkmode", NetworkMode)
            .Add("nocache", NoCache)
            .Add("pull", Pull)
            .Add("rm", true)
            .Add("forcerm", true)
            .Add("buildargs", Json(Arguments))
            .Add("labels", Json(Labels));
        foreach (var tag in Tags)
        {
            query.Add("t", tag);
        }

        return query;
    }

    private static string? Json(IReadOnlyDictionary<string, string>? values) => values is null
        ? null
        : JsonSerializer.Serialize(values, ImageJson.Default.IReadOnlyDictionaryStringString);
}
