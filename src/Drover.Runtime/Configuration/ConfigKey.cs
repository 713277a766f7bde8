using System.Text.Json;

namespace Drover.Runtime.Configuration;

/// <summary>
/// A key of drover.yaml, declared once: reading, the reference and the JSON Schema all come from here.
/// </summary>
public abstract class ConfigKey
{
    private protected ConfigKey(ConfigSection section, string name, string meaning)
    {
        Name = name;
        Meaning = meaning;
        Path = section.Path.Length == 0 ? name : $"{section.Path}.{name}";
    }

    /// <summary>snake_case name within its section.</summary>
    public string Name { get; }

    /// <summary>Names from the root, dotted: <c>server.listen</c>.</summary>
    public string Path { get; }

    /// <summary>What it does, a sentence for the reference.</summary>
    public string Meaning { get; }

    /// <summary>True where a section without it is refused.</summary>
    public bool IsRequired { get; init; }

    /// <summary>The section that its values are or hold, for the reference; null where they are no sections.</summary>
    public abstract ConfigSection? Inner { get; }

    /// <summary>What values it takes.</summary>
    public abstract string TypeName { get; }

    /// <summary>The value it has when nothing is written, as the file would have it; null when there is none.</summary>
    public abstract string? DefaultText { get; }

    /// <summary>A value as the file would have it.</summary>
    public abstract string FormatValue(object value);

    internal abstract object? DefaultValue { get; }

    internal abstract object? Read(YamlNode node, ConfigReadContext context);

    internal abstract void WriteSchema(Utf8JsonWriter json);

    internal abstract void WriteValue(Utf8JsonWriter json, object value);
}

/// <summary>A key with the type of its values.</summary>
/// <typeparam name="T">The value in the program.</typeparam>
public sealed class ConfigKey<T> : ConfigKey
    where T : notnull
{
    private readonly ConfigType<T> _type;
    private readonly string? _defaultText;

    internal ConfigKey(
        ConfigSection section,
        string name,
        ConfigType<T> type,
        T? fallback,
        bool hasDefault,
        string meaning,
        string? defaultText)
        : base(section, name, meaning)
    {
        _type = type;
        Default = fallback;
        HasDefault = hasDefault;
        _defaultText = defaultText;
    }

    /// <summary>The value when nothing is written and <see cref="HasDefault"/>.</summary>
    public T? Default { get; }

    /// <summary>False: without a word in the file there is no value.</summary>
    public bool HasDefault { get; }

    /// <inheritdoc/>
    public override ConfigSection? Inner => _type.Inner;

    /// <inheritdoc/>
    public override string TypeName => _type.Name;

    /// <inheritdoc/>
    public override string? DefaultText => _defaultText ?? (HasDefault ? _type.Format(Default!) : null);

    /// <inheritdoc/>
    public override string FormatValue(object value) => _type.Format((T)value);

    internal override object? DefaultValue => HasDefault ? Default : null;

    internal override object? Read(YamlNode node, ConfigReadContext context) =>
        _type.TryRead(node, context, out var value) ? value : null;

    internal override void WriteSchema(Utf8JsonWriter json)
    {
        json.WriteString("description", Meaning);
        _type.WriteSchema(json);
        if (HasDefault)
        {
            json.WritePropertyName("default");
            _type.WriteValue(json, Default!);
        }
    }

    internal override void WriteValue(Utf8JsonWriter json, object value) => _type.WriteValue(json, (T)value);
}
