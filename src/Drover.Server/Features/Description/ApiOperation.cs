using System.Text.Json.Serialization.Metadata;

namespace Drover.Server.Features.Description;

/// <summary>What one route does, takes and answers: all that the API's description says of it.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Route">Route template; a part in braces is described by <see cref="Place"/>.</param>
/// <param name="Tag">What it is about, of <see cref="ApiDescription.Tags"/>.</param>
/// <param name="Name">Unique name, for generated clients.</param>
/// <param name="Summary">One sentence.</param>
public sealed record ApiOperation(string Method, string Route, string Tag, string Name, string Summary)
{
    /// <summary>What stands in the place of the braces.</summary>
    public string? Place { get; init; }

    /// <summary>Parameters of the query; any other is refused.</summary>
    public IReadOnlyList<ApiParameter> Query { get; init; } = [];

    /// <summary>The body it takes; null is none.</summary>
    public JsonTypeInfo? Body { get; init; }

    /// <summary>What the body is, where it is not JSON of a type of the wire.</summary>
    public ApiText? BodyText { get; init; }

    /// <summary>Its answers but the problems.</summary>
    public required IReadOnlyList<ApiAnswer> Answers { get; init; }

    /// <summary>Names of the problems that are its own; those of every route are told once for all.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];

    /// <summary>Least role of who may call it, <c>agent</c> or <c>anybody</c>; from the access table.</summary>
    public string Caller { get; init; } = string.Empty;

    /// <summary>Largest body in bytes; from the access table.</summary>
    public int BodyLimit { get; init; }

    /// <summary>What the audit calls it; null where it leaves no entry. From the access table.</summary>
    public string? Audits { get; init; }
}

/// <summary>An answer that is no problem.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Meaning">When it comes.</param>
/// <param name="Body">The JSON it carries; null is none, or text.</param>
/// <param name="Text">What it carries where that is not JSON of a type of the wire.</param>
public sealed record ApiAnswer(int Status, string Meaning, JsonTypeInfo? Body = null, ApiText? Text = null);

/// <summary>A body that is not one JSON document.</summary>
/// <param name="Media">Its media type.</param>
/// <param name="Meaning">What stands in it.</param>
public sealed record ApiText(string Media, string Meaning);

/// <summary>A parameter of the query.</summary>
/// <param name="Name">As it is written.</param>
/// <param name="Meaning">What it does, and what its absence does.</param>
public sealed record ApiParameter(string Name, string Meaning)
{
    /// <summary>Least and most of a whole number; null for a text.</summary>
    public (int Least, int Most)? Range { get; init; }

    /// <summary>The closed set it is of; null for any text.</summary>
    public IReadOnlyList<string>? Values { get; init; }

    /// <summary>It may stand several times, or as a comma-separated list.</summary>
    public bool IsList { get; init; }

    /// <summary>Nothing is answered without it.</summary>
    public bool IsRequired { get; init; }

    /// <summary>A header instead.</summary>
    public bool IsHeader { get; init; }
}
