namespace Drover.Wire.Commands;

/// <summary>Parameters of all command types together; each type reads its own and ignores the rest.</summary>
public sealed record CommandParameters
{
    /// <summary>Which app; <c>all</c> is every container (health only).</summary>
    public string? AppCode { get; init; }

    /// <summary>A container's name or id where the app code alone is not one container.</summary>
    public string? Container { get; init; }

    /// <summary>health: CPU and memory too. Default true.</summary>
    public bool? IncludeMetrics { get; init; }

    /// <summary>
    /// logs: go on after this cursor (<c>RFC3339-ns#n</c>); null begins at <see cref="Since"/> or with the newest
    /// lines.
    /// </summary>
    public string? Cursor { get; init; }

    /// <summary>logs: RFC 3339 time to begin at, when there is no cursor.</summary>
    public string? Since { get; init; }

    /// <summary>logs: most lines in the page, 1..1000. Default 400.</summary>
    public int? Limit { get; init; }

    /// <summary>logs: <c>stdout</c>, <c>stderr</c>. Default both.</summary>
    public IReadOnlyList<string>? Streams { get; init; }

    /// <summary>logs: redact secrets. Only true is accepted; kept for older callers.</summary>
    public bool? Redact { get; init; }

    /// <summary>restart, stop: seconds to wait after the stop signal, 1..300. Default 10.</summary>
    public int? StopTimeout { get; init; }

    /// <summary>restart: on failure kill and start again. Default false.</summary>
    public bool? Force { get; init; }

    /// <summary>Some callers wrap the parameters once more; the inner ones then count.</summary>
    public CommandParameters? Params { get; init; }
}
