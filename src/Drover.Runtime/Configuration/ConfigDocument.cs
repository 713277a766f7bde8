using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Drover.Runtime.Configuration;

/// <summary>A configuration as it was read: the values that were written, and all that is wrong with it.</summary>
public sealed class ConfigDocument
{
    private readonly Dictionary<ConfigKey, (object Value, YamlNode Node)> _values;
    private readonly Dictionary<ConfigSection, YamlNode> _sections;
    private readonly List<ConfigProblem> _problems;

    internal ConfigDocument(
        string? path,
        Dictionary<ConfigKey, (object Value, YamlNode Node)> values,
        Dictionary<ConfigSection, YamlNode> sections,
        List<ConfigProblem> problems)
    {
        Path = path;
        _values = values;
        _sections = sections;
        _problems = problems;
    }

    /// <summary>The file it came from; null when there is none and everything has its default.</summary>
    public string? Path { get; }

    /// <summary>
    /// Everything that is wrong, in the order of the file. Nothing may be started while this is not empty.
    /// </summary>
    public IReadOnlyList<ConfigProblem> Problems =>
        [.. _problems.OrderBy(problem => problem.Line).ThenBy(problem => problem.Column)];

    /// <summary>No file: every key has its default.</summary>
    public static ConfigDocument Empty() => new(null, [], [], []);

    /// <summary>True when the file names the section, even with nothing in it.</summary>
    public bool Has(ConfigSection section) => _sections.ContainsKey(section);

    /// <summary>True when the file sets the key.</summary>
    public bool Has(ConfigKey key) => _values.ContainsKey(key);

    /// <summary>The key's value: the file's, else the default, else null.</summary>
    [return: MaybeNull]
    public T Get<T>(ConfigKey<T> key)
        where T : notnull
    {
        ArgumentNullException.ThrowIfNull(key);
        return _values.TryGetValue(key, out var found) ? (T)found.Value : key.Default;
    }

    /// <summary>
    /// The key's value as the file would have it; a secret's is never shown. Null when there is none.
    /// </summary>
    public string? Show(ConfigKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return _values.TryGetValue(key, out var found) ? key.FormatValue(found.Value) : key.DefaultText;
    }

    /// <summary>
    /// Writes the key's value with its own type: the file's, else the default, else null. A secret's is not shown.
    /// </summary>
    public void WriteValue(Utf8JsonWriter json, ConfigKey key)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(key);
        if ((_values.TryGetValue(key, out var found) ? found.Value : key.DefaultValue) is { } value)
        {
            key.WriteValue(json, value);
        }
        else
        {
            json.WriteNullValue();
        }
    }

    /// <summary>
    /// Adds what a role found wrong with values that each looked right alone; the sentence names the key.
    /// </summary>
    public void Refuse(string sentence)
    {
        ArgumentNullException.ThrowIfNull(sentence);
        var at = _values
            .Where(entry => sentence.Contains(entry.Key.Path, StringComparison.Ordinal))
            .OrderByDescending(entry => entry.Key.Path.Length)
            .Select(entry => entry.Value.Node.At)
            .FirstOrDefault(YamlDotNet.Core.Mark.Empty);
        _problems.Add(YamlTree.Problem(at, sentence));
    }

    /// <summary>Adds what is wrong at a place; the sentence names the key.</summary>
    public void Refuse(ConfigPlace place, string sentence)
    {
        ArgumentNullException.ThrowIfNull(place);
        _problems.Add(new ConfigProblem(place.Line, place.Column, sentence));
    }
}
