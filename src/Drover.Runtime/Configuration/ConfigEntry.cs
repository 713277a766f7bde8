using YamlDotNet.Core;

namespace Drover.Runtime.Configuration;

/// <summary>Where something stands in the file.</summary>
/// <param name="Line">Line, from 1.</param>
/// <param name="Column">Column, from 1.</param>
public sealed record ConfigPlace(long Line, long Column)
{
    internal static ConfigPlace Of(Mark mark) => new(mark.Line, mark.Column);
}

/// <summary>Something with a name that the user chose, in the order of the file.</summary>
/// <param name="Name">The name.</param>
/// <param name="Place">Where the name stands.</param>
/// <param name="Value">What was written behind it.</param>
/// <typeparam name="T">The value in the program.</typeparam>
public sealed record ConfigNamed<T>(string Name, ConfigPlace Place, T Value)
    where T : notnull;

/// <summary>A section that stands in one of several places, as it was read.</summary>
public sealed class ConfigEntry
{
    private readonly Dictionary<ConfigKey, (object Value, YamlNode Node)> _values;

    internal ConfigEntry(string path, YamlNode node, Dictionary<ConfigKey, (object Value, YamlNode Node)> values)
    {
        Path = path;
        Place = ConfigPlace.Of(node.At);
        _values = values;
    }

    /// <summary>Names from the root, dotted, with the user's own.</summary>
    public string Path { get; }

    /// <summary>Where it begins.</summary>
    public ConfigPlace Place { get; }

    /// <summary>What was written and could be read.</summary>
    internal IEnumerable<(ConfigKey Key, object Value)> Values => _values.Select(one => (one.Key, one.Value.Value));

    /// <summary>True when the key is written, and could be read.</summary>
    public bool Has(ConfigKey key) => _values.ContainsKey(key);

    /// <summary>The key's value: what is written, else its default, else that of its type.</summary>
    public T? Get<T>(ConfigKey<T> key)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(key);
        return _values.TryGetValue(key, out var found) ? (T)found.Value : key.Default;
    }

    /// <summary>The key's value where it is written, else null.</summary>
    public T? Written<T>(ConfigKey<T> key)
        where T : struct => Has(key) ? Get(key) : null;

    /// <summary>Where the key's value stands; where the section begins when it is not written.</summary>
    public ConfigPlace PlaceOf(ConfigKey key) =>
        _values.TryGetValue(key, out var found) ? ConfigPlace.Of(found.Node.At) : Place;

    /// <summary>The key's own path.</summary>
    public string PathOf(ConfigKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return SectionWalk.Join(Path, key.Name);
    }
}
