using System.Text.Json;
using Drover.Runtime.Configuration;

namespace Drover.Configuration;

/// <summary>The value of a key that holds, and where it comes from; for people and for programs alike.</summary>
internal sealed class EffectiveValue
{
    private const string Default = "default";

    private readonly ConfigDocument _document;
    private readonly string? _known;

    private EffectiveValue(ConfigKey key, ConfigDocument document, string? known, string from)
    {
        Key = key;
        From = from;
        _document = document;
        _known = known;
    }

    public ConfigKey Key { get; }

    /// <summary>The variable, the file, or <c>default</c>.</summary>
    public string From { get; }

    /// <summary>For people: what is not set says in words what holds then.</summary>
    public string Text => _known ?? _document.Show(Key) ?? "-";

    /// <summary>Of every key, in the order of the reference.</summary>
    public static IReadOnlyList<EffectiveValue> All(
        ConfigSection section, Settings settings, EnvironmentVariables environment) =>
    [
        .. section.Keys.Select(key => Of(key, settings, environment)),
        .. section.Sections.SelectMany(inner => All(inner, settings, environment)),
    ];

    /// <summary>For programs: with the key's own type, null where nothing is set.</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        if (_known is not null)
        {
            json.WriteStringValue(_known);
        }
        else
        {
            _document.WriteValue(json, Key);
        }
    }

    private static EffectiveValue Of(ConfigKey key, Settings settings, EnvironmentVariables environment)
    {
        var variable = key == DroverYaml.DataDirectory ? EnvironmentVariables.DataDirectory
            : key == DroverYaml.Agent.DockerHost ? EnvironmentVariables.DockerHost
            : null;
        if (variable is not null && environment[variable] is { } value)
        {
            return new EffectiveValue(key, settings.Document, value, variable);
        }

        if (settings.Document.Has(key))
        {
            return new EffectiveValue(key, settings.Document, null, settings.Document.Path ?? "file");
        }

        var known = key == DroverYaml.DataDirectory ? settings.DataDirectory
            : key == DroverYaml.Server.Socket ? settings.SocketPath
            : key == DroverYaml.Agent.DockerHost ? settings.DockerHost
            : null;
        return new EffectiveValue(key, settings.Document, known, Default);
    }
}
