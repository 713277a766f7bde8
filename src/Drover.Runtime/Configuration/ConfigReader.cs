namespace Drover.Runtime.Configuration;

/// <summary>
/// Reads drover.yaml against the declared sections. Goes through the whole file and collects every problem, so that
/// one look at the output mends all of them.
/// </summary>
public static class ConfigReader
{
    /// <summary>Larger files are refused.</summary>
    public const int MaxBytes = 1 << 20;

    /// <summary>Reads a file.</summary>
    /// <exception cref="ConfigurationException">The file itself cannot be read.</exception>
    public static ConfigDocument ReadFile(string path, ConfigSection root, EnvironmentVariables environment)
    {
        ArgumentNullException.ThrowIfNull(path);
        try
        {
            using var file = File.OpenRead(path);
            if (file.Length > MaxBytes)
            {
                throw new ConfigurationException(
                    $"cannot read the configuration \"{path}\": it has {file.Length} bytes and the most is {MaxBytes}");
            }

            using var reader = new StreamReader(file);
            return Read(reader.ReadToEnd(), path, root, environment);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            var why = error switch
            {
                FileNotFoundException or DirectoryNotFoundException => "there is no such file",
                UnauthorizedAccessException when Directory.Exists(path) => "it is a directory",
                UnauthorizedAccessException => "this user may not read it",
                _ => error.Message,
            };
            throw new ConfigurationException($"cannot read the configuration \"{path}\": {why}", error);
        }
    }

    /// <summary>Reads the text of a file.</summary>
    public static ConfigDocument Read(string text, string? path, ConfigSection root, EnvironmentVariables environment)
    {
        var problems = new List<ConfigProblem>();
        var values = new Dictionary<ConfigKey, (object, YamlNode)>();
        var sections = new Dictionary<ConfigSection, YamlNode>();
        var node = YamlTree.Parse(text, problems);
        if (node is not null and not YamlScalar { IsNull: true })
        {
            new Walk(environment, values, sections, problems).Into(root, node);
        }

        return new ConfigDocument(path, values, sections, problems);
    }

    private sealed class Walk(
        EnvironmentVariables environment,
        Dictionary<ConfigKey, (object Value, YamlNode Node)> values,
        Dictionary<ConfigSection, YamlNode> sections,
        List<ConfigProblem> problems)
    {
        public void Into(ConfigSection section, YamlNode node)
        {
            sections[section] = node;
            if (node is YamlScalar { IsNull: true })
            {
                return;
            }

            if (node is not YamlMap map)
            {
                var what = section.Path.Length == 0 ? "the file" : section.Path;
                problems.Add(YamlTree.Problem(node.At, $"{what} is a section of keys, not {node.Kind}"));
                return;
            }

            var seen = new Dictionary<string, YamlScalar>(StringComparer.Ordinal);
            foreach (var (key, value) in map.Entries)
            {
                if (seen.TryGetValue(key.Text, out var first))
                {
                    problems.Add(YamlTree.Problem(
                        key.At, $"{Path(section, key.Text)} is written twice; the first is in line {first.At.Line}"));
                }
                else
                {
                    seen.Add(key.Text, key);
                    Entry(section, key, value);
                }
            }
        }

        private static string Path(ConfigSection section, string name) =>
            section.Path.Length == 0 ? name : $"{section.Path}.{name}";

        private void Entry(ConfigSection section, YamlScalar name, YamlNode value)
        {
            if (section.Sections.FirstOrDefault(one => one.Name == name.Text) is { } inner)
            {
                Into(inner, value);
            }
            else if (section.Keys.FirstOrDefault(one => one.Name == name.Text) is { } key)
            {
                if (key.Read(value, new ConfigReadContext(key.Path, environment, problems)) is { } read)
                {
                    values[key] = (read, value);
                }
            }
            else
            {
                Unknown(section, name);
            }
        }

        private void Unknown(ConfigSection section, YamlScalar name)
        {
            string[] known = [.. section.Sections.Select(one => one.Name), .. section.Keys.Select(one => one.Name)];
            var hint = NearestName.Of(name.Text, known) is { } near
                ? $"did you mean \"{near}\"?"
                : $"known here: {string.Join(", ", known)}";
            problems.Add(YamlTree.Problem(name.At, $"unknown key \"{Path(section, name.Text)}\"; {hint}"));
        }
    }
}
