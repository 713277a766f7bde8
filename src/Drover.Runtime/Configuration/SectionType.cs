using System.Text.Json;

namespace Drover.Runtime.Configuration;

/// <summary>
/// Values that are sections: <c>liveness: {tcp: 7234, period: 5s}</c>. With a short form, what is no section stands for
/// one with that one key: <c>restart: never</c> for <c>restart: {mode: never}</c>.
/// </summary>
public sealed class SectionType : ConfigType<ConfigEntry>
{
    private readonly ConfigKey? _shortForm;

    /// <summary>Values as the section declares.</summary>
    /// <param name="section">A template, with all its keys declared.</param>
    /// <param name="shortForm">The key of it that a value which is no section stands for.</param>
    public SectionType(ConfigSection section, ConfigKey? shortForm = null)
    {
        ArgumentNullException.ThrowIfNull(section);
        Inner = section;
        _shortForm = shortForm;
    }

    /// <inheritdoc/>
    public override ConfigSection Inner { get; }

    /// <inheritdoc/>
    public override string Name => _shortForm is null ? "section" : $"section, or its {_shortForm.Name}";

    /// <inheritdoc/>
    public override string Format(ConfigEntry value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var values = value.Values.Select(one => $"{one.Key.Name}: {one.Key.FormatValue(one.Value)}");
        return $"{{{string.Join(", ", values)}}}";
    }

    internal override bool TryRead(YamlNode node, ConfigReadContext context, out ConfigEntry value)
    {
        var values = new Dictionary<ConfigKey, (object, YamlNode)>();
        value = new ConfigEntry(context.Path, node, values);
        if (node is YamlMap or YamlScalar { IsNull: true })
        {
            // What is wrong within a section is in the problems; the section itself is there.
            new SectionWalk(context.Environment, values, [], context.Problems).Into(Inner, context.Path, node);
            return true;
        }

        if (_shortForm is null)
        {
            return context.Refuse(node, $"is a section of keys, not {node.Kind}");
        }

        if (_shortForm.Read(node, context) is not { } read)
        {
            return false;
        }

        values[_shortForm] = (read, node);
        return true;
    }

    internal override void WriteSchema(Utf8JsonWriter json)
    {
        if (_shortForm is null)
        {
            ConfigSchema.WriteMembers(json, Inner);
            return;
        }

        json.WriteStartArray("anyOf");
        json.WriteStartObject();
        ConfigSchema.WriteMembers(json, Inner);
        json.WriteEndObject();
        json.WriteStartObject();
        _shortForm.WriteSchema(json);
        json.WriteEndObject();
        json.WriteEndArray();
    }

    internal override void WriteValue(Utf8JsonWriter json, ConfigEntry value)
    {
        json.WriteStartObject();
        foreach (var (key, one) in value.Values)
        {
            json.WritePropertyName(key.Name);
            key.WriteValue(json, one);
        }

        json.WriteEndObject();
    }
}
