using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Drover.Runtime.Requests;

/// <summary>
/// Reads a person's query: each route names the parameters it knows, and any other one is refused by name.
/// </summary>
public readonly struct QueryReader
{
    private readonly IQueryCollection _query;

    /// <summary>Reads the query of a request.</summary>
    /// <exception cref="InvalidRequestException">It has a parameter that is not known here.</exception>
    public QueryReader(HttpContext context, params ReadOnlySpan<string> known)
    {
        _query = context.Request.Query;
        foreach (var name in _query.Keys)
        {
            if (!known.Contains(name))
            {
                throw new InvalidRequestException(
                    $"cannot read the query: there is no parameter \"{name}\" here; there are "
                        + $"{string.Join(", ", known.ToArray())}");
            }
        }
    }

    /// <summary>A text, or null where the parameter is absent or empty.</summary>
    public string? Text(string name) => _query[name] is [{ Length: > 0 } value, ..] ? value : null;

    /// <summary>
    /// The values of a parameter that may stand several times or as a comma-separated list; empty when absent.
    /// </summary>
    public IReadOnlyList<string> Texts(string name) =>
        [
            .. _query[name].SelectMany(
                value =>
                    (value ?? string.Empty).Split(
                        ',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        ];

    /// <summary>A whole number within bounds, or null where the parameter is absent.</summary>
    public int? Number(string name, int least, int most)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && number >= least && number <= most
            ? number
            : throw new InvalidRequestException(string.Create(
                CultureInfo.InvariantCulture,
                $"cannot read the query: {name} \"{text}\" is not a whole number from {least} to {most}"));
    }

    /// <summary>A cursor as an earlier page gave it, or null.</summary>
    public long? Cursor(string name)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new InvalidRequestException(
                $"cannot read the query: {name} \"{text}\" is not a cursor that a page gave as next");
    }

    /// <summary>One of a closed set, or null.</summary>
    public string? OneOf(string name, IReadOnlyList<string> values)
    {
        var text = Text(name);
        return text is null || values.Contains(text)
            ? text
            : throw new InvalidRequestException(
                $"cannot read the query: {name} \"{text}\" is not one of {string.Join(", ", values)}");
    }
}
