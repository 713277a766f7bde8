using System.Net;
using System.Text;
using System.Text.Json;

namespace Drover.Reference;

/// <summary>
/// The <c>///</c> comments of Drover.Wire, from the file the compiler writes beside it: the one place in which fields
/// of the wire are described. Its form is the compiler's own and regular, so that a scan does; an XML reader would
/// weigh more in the executable than all of the command line.
/// </summary>
internal sealed class WireComments
{
    private const string MemberStart = "<member name=\"";

    private readonly Dictionary<string, string> _summaries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<string>> _properties = new(StringComparer.Ordinal);

    private WireComments()
    {
    }

    /// <exception cref="IOException">The file is not there or cannot be read.</exception>
    public static WireComments Read(string path)
    {
        var comments = new WireComments();
        foreach (var member in File.ReadAllText(path).Split(MemberStart).Skip(1))
        {
            var name = member[..member.IndexOf('"', StringComparison.Ordinal)];
            if (Between(member, "<summary>", "</summary>") is { } summary)
            {
                comments.Add(name, Plain(summary));
            }
        }

        return comments;
    }

    /// <summary>What a type is.</summary>
    public string OfType(Type type) => Find($"T:{FullName(type)}");

    /// <summary>What a field of a type is, by its name on the wire.</summary>
    public string OfField(Type type, string field)
    {
        var property = _properties.GetValueOrDefault(FullName(type), [])
            .FirstOrDefault(
                name => JsonNamingPolicy.SnakeCaseLower.ConvertName(name) == field
                    || JsonNamingPolicy.CamelCase.ConvertName(name) == field);
        return Find($"P:{FullName(type)}.{property ?? field}");
    }

    private void Add(string name, string summary)
    {
        _summaries[name] = summary;
        if (name.StartsWith("P:", StringComparison.Ordinal))
        {
            var end = name.LastIndexOf('.');
            var type = name[2..end];
            if (!_properties.TryGetValue(type, out var properties))
            {
                _properties[type] = properties = [];
            }

            properties.Add(name[(end + 1)..]);
        }
    }

    private string Find(string name) => _summaries.GetValueOrDefault(name)
        ?? throw new InvalidOperationException($"{name} crosses the wire and has no /// comment.");

    private static string FullName(Type type) => $"{type.Namespace}.{type.Name}";

    private static string? Between(string text, string start, string end)
    {
        var at = text.IndexOf(start, StringComparison.Ordinal);
        var from = at + start.Length;
        var to = at < 0 ? -1 : text.IndexOf(end, from, StringComparison.Ordinal);
        return to < 0 ? null : text[from..to];
    }

    /// <summary>Elements become Markdown, white space becomes one blank.</summary>
    private static string Plain(string comment)
    {
        var text = new StringBuilder();
        for (var at = 0; at < comment.Length; at++)
        {
            if (comment[at] != '<')
            {
                text.Append(comment[at]);
                continue;
            }

            var end = comment.IndexOf('>', at);
            text.Append(Element(comment[(at + 1)..end]));
            at = end;
        }

        return WebUtility.HtmlDecode(
            string.Join(' ', text.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
    }

    private static string Element(string element)
    {
        if (element is "c" or "/c")
        {
            return "`";
        }

        // A reference: the last part of what it names, a property as it stands on the wire.
        if (Between(element, "cref=\"", "\"") is { } target)
        {
            var name = target[(target.LastIndexOf('.') + 1)..];
            return target.StartsWith("P:", StringComparison.Ordinal)
                ? $"`{JsonNamingPolicy.SnakeCaseLower.ConvertName(name)}`"
                : OpenApiSchemas.NameOf(name);
        }

        return Between(element, "name=\"", "\"") is { } parameter
            ? $"`{JsonNamingPolicy.SnakeCaseLower.ConvertName(parameter)}`"
            : string.Empty;
    }
}
