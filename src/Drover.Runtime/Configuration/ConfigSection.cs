namespace Drover.Runtime.Configuration;

/// <summary>
/// A section of drover.yaml: its keys and the sections in it. A role declares its own, once. One that stands in many
/// places (every component has a <c>restart</c>) is declared as a template and read by <see cref="SectionType"/>.
/// </summary>
public sealed class ConfigSection
{
    private readonly List<ConfigKey> _keys = [];
    private readonly List<ConfigSection> _sections = [];

    private ConfigSection(string path, string name, string meaning)
    {
        Path = path;
        Name = name;
        Meaning = meaning;
    }

    /// <summary>
    /// Names from the root, dotted; the root's own is empty. A template's has words in capitals where names differ.
    /// </summary>
    public string Path { get; }

    /// <summary>snake_case name; the root's own is empty.</summary>
    public string Name { get; }

    /// <summary>What it is for, a sentence for the reference.</summary>
    public string Meaning { get; }

    /// <summary>Its keys in the order of the reference.</summary>
    public IReadOnlyList<ConfigKey> Keys => _keys;

    /// <summary>The sections in it, in the order of the reference.</summary>
    public IReadOnlyList<ConfigSection> Sections => _sections;

    /// <summary>The keys of which exactly one must be written; null where there is no such choice.</summary>
    public IReadOnlyList<ConfigKey>? Choice { get; private set; }

    /// <summary>A whole file.</summary>
    public static ConfigSection Root(string meaning) => new("", "", meaning);

    /// <summary>
    /// A section that stands in several places: <c>supervisor.components.NAME</c>.
    /// </summary>
    public static ConfigSection Template(string path, string meaning) =>
        new(path, path[(path.LastIndexOf('.') + 1)..], meaning);

    /// <summary>Declares a section within this one.</summary>
    public ConfigSection Section(string name, string meaning)
    {
        var section = new ConfigSection(Path.Length == 0 ? name : $"{Path}.{name}", name, meaning);
        _sections.Add(section);
        return section;
    }

    /// <summary>Declares a key that has a default.</summary>
    public ConfigKey<T> Key<T>(string name, ConfigType<T> type, T fallback, string meaning)
        where T : notnull =>
            Add(new ConfigKey<T>(this, name, type, fallback, hasDefault: true, meaning, defaultText: null));

    /// <summary>Declares a key that must be written.</summary>
    public ConfigKey<T> Required<T>(string name, ConfigType<T> type, string meaning)
        where T : notnull =>
            Add(new ConfigKey<T>(this, name, type, default, hasDefault: false, meaning, null) { IsRequired = true });

    /// <summary>Declares that exactly one of these keys must be written.</summary>
    public void ExactlyOneOf(params IReadOnlyList<ConfigKey> keys) => Choice = keys;

    /// <summary>
    /// Declares a key without a default; <paramref name="otherwise"/> says what holds when nothing is written.
    /// </summary>
    public ConfigKey<T> Optional<T>(string name, ConfigType<T> type, string meaning, string? otherwise = null)
        where T : notnull => Add(new ConfigKey<T>(this, name, type, default, hasDefault: false, meaning, otherwise));

    private ConfigKey<T> Add<T>(ConfigKey<T> key)
        where T : notnull
    {
        _keys.Add(key);
        return key;
    }
}
