using System.Text.Json;

namespace Drover.Runtime.Configuration;

/// <summary>
/// Values under names that the user chooses, in the order of the file: <c>components: {api: ..., worker: ...}</c>.
/// </summary>
/// <typeparam name="T">One value in the program.</typeparam>
public sealed class NamedType<T> : ConfigType<IReadOnlyList<ConfigNamed<T>>>
    where T : notnull
{
    private readonly ConfigType<T> _type;
    private readonly NameRule _names;

    /// <summary>Values of one type under names that keep a rule.</summary>
    public NamedType(ConfigType<T> type, NameRule names)
    {
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(names);
        _type = type;
        _names = names;
    }

    /// <summary>
    /// Where set, <c>[a, b]</c> stands for both names with this value.
    /// </summary>
    public string? ListValue { get; init; }

    /// <inheritdoc/>
    public override ConfigSection? Inner => _type.Inner;

    /// <inheritdoc/>
    public override string Name => ListValue is null
        ? $"{_names.Placeholder}: {_type.Name}"
        : $"{_names.Placeholder}: {_type.Name}; or a list of names";

    /// <inheritdoc/>
    public override string Format(IReadOnlyList<ConfigNamed<T>> value) => _type.Inner is null
        ? $"{{{string.Join(", ", value.Select(one => $"{one.Name}: {_type.Format(one.Value)}"))}}}"
        : $"{{{string.Join(", ", value.Select(one => one.Name))}}}";

    internal override bool TryRead(
        YamlNode node, ConfigReadContext context, out IReadOnlyList<ConfigNamed<T>> value)
    {
        var entries = new List<ConfigNamed<T>>();
        value = entries;
        switch (node)
        {
            case YamlMap map:
                Read(map.Entries, context, entries);
                return true;
            case YamlScalar { IsNull: true }:
                return true;
            case YamlList list when ListValue is { } each:
                Read([.. Named(list, each, context)], context, entries);
                return true;
            default:
                return context.Refuse(
                    node, $"is a section of {_names.Placeholder}: {_type.Name}, not {node.Kind}");
        }
    }

    internal override void WriteSchema(Utf8JsonWriter json)
    {
        if (ListValue is null)
        {
            WriteObject(json);
            return;
        }

        json.WriteStartArray("anyOf");
        json.WriteStartObject();
        WriteObject(json);
        json.WriteEndObject();
        json.WriteStartObject();
        json.WriteString("type", "array");
        json.WriteStartObject("items");
        json.WriteString("type", "string");
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
    }

    internal override void WriteValue(Utf8JsonWriter json, IReadOnlyList<ConfigNamed<T>> value)
    {
        json.WriteStartObject();
        foreach (var one in value)
        {
            json.WritePropertyName(one.Name);
            _type.WriteValue(json, one.Value);
        }

        json.WriteEndObject();
    }

    private static IEnumerable<(YamlScalar Key, YamlNode Value)> Named(
        YamlList list, string each, ConfigReadContext context)
    {
        foreach (var item in list.Items)
        {
            if (item is YamlScalar name)
            {
                yield return (name, new YamlScalar(name.At, each, IsPlain: true));
            }
            else
            {
                context.Refuse(item, $"takes names, not {item.Kind}");
            }
        }
    }

    // A value that cannot be read leaves the others: problems are collected, and nothing is started with one.
    private void Read(
        IReadOnlyList<(YamlScalar Key, YamlNode Value)> entries, ConfigReadContext context, List<ConfigNamed<T>> read)
    {
        var written = new Dictionary<string, YamlScalar>(StringComparer.Ordinal);
        foreach (var (key, node) in entries)
        {
            if (!written.TryAdd(key.Text, key))
            {
                var first = written[key.Text].At.Line;
                context.Inner(key.Text).Refuse(key, $"is written twice; the first is in line {first}");
            }
            else if (_names.Check(key.Text) is { } why)
            {
                context.Refuse(key, $"\"{key.Text}\" {why}");
            }
            else if (_type.TryRead(node, context.Inner(key.Text), out var value))
            {
                read.Add(new ConfigNamed<T>(key.Text, ConfigPlace.Of(key.At), value));
            }
        }
    }

    private void WriteObject(Utf8JsonWriter json)
    {
        json.WriteStartArray("type");
        json.WriteStringValue("object");
        json.WriteStringValue("null");
        json.WriteEndArray();
        if (_names.Pattern is { } pattern)
        {
            json.WriteStartObject("propertyNames");
            json.WriteString("pattern", pattern);
            json.WriteEndObject();
        }

        json.WriteStartObject("additionalProperties");
        _type.WriteSchema(json);
        json.WriteEndObject();
    }
}

/// <summary>What names may stand in a place.</summary>
/// <param name="Placeholder">How the reference writes such a name: <c>NAME</c>.</param>
/// <param name="Pattern">The same rule as a regular expression for editors; null for any name.</param>
/// <param name="Why">What is wrong with a name, behind the name itself; null when nothing is.</param>
public sealed record NameRule(string Placeholder, string? Pattern, Func<string, string?> Why)
{
    /// <summary>Any name that is not empty.</summary>
    public static NameRule Any(string placeholder) =>
        new(placeholder, null, name => name.Length == 0 ? "is no name" : null);

    internal string? Check(string name) => Why(name);
}
