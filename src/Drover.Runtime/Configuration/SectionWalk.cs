namespace Drover.Runtime.Configuration;

/// <summary>
/// Reads one section of the file against its declaration: unknown keys, keys written twice, keys that are missing, and
/// each value by its key's own type. Goes on after a problem.
/// </summary>
internal sealed class SectionWalk(
    EnvironmentVariables environment,
    Dictionary<ConfigKey, (object Value, YamlNode Node)> values,
    Dictionary<ConfigSection, YamlNode> sections,
    List<ConfigProblem> problems)
{
    /// <summary>Reads what stands at <paramref name="path"/>; the root's path is empty.</summary>
    public void Into(ConfigSection section, string path, YamlNode node)
    {
        sections[section] = node;
        var written = new Dictionary<string, YamlScalar>(StringComparer.Ordinal);
        if (node is YamlMap map)
        {
            ReadEntries(section, path, map, written);
        }
        else if (node is not YamlScalar { IsNull: true })
        {
            var what = path.Length == 0 ? "the file" : path;
            problems.Add(YamlTree.Problem(node.At, $"{what} is a section of keys, not {node.Kind}"));
            return;
        }

        CheckPresence(section, path, node, written);
    }

    /// <summary>A name below a path, dotted.</summary>
    public static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private void ReadEntries(
        ConfigSection section, string path, YamlMap map, Dictionary<string, YamlScalar> written)
    {
        foreach (var (key, value) in map.Entries)
        {
            if (written.TryGetValue(key.Text, out var first))
            {
                problems.Add(YamlTree.Problem(
                    key.At, $"{Join(path, key.Text)} is written twice; the first is in line {first.At.Line}"));
            }
            else
            {
                written.Add(key.Text, key);
                Entry(section, path, key, value);
            }
        }
    }

    private void Entry(ConfigSection section, string path, YamlScalar name, YamlNode value)
    {
        if (section.Sections.FirstOrDefault(one => one.Name == name.Text) is { } inner)
        {
            Into(inner, Join(path, name.Text), value);
        }
        else if (section.Keys.FirstOrDefault(one => one.Name == name.Text) is { } key)
        {
            if (key.Read(value, new ConfigReadContext(Join(path, name.Text), environment, problems)) is { } read)
            {
                values[key] = (read, value);
            }
        }
        else
        {
            Unknown(section, path, name);
        }
    }

    private void Unknown(ConfigSection section, string path, YamlScalar name)
    {
        string[] known = [.. section.Sections.Select(one => one.Name), .. section.Keys.Select(one => one.Name)];
        var hint = NearestName.Of(name.Text, known) is { } near
            ? $"did you mean \"{near}\"?"
            : $"known here: {string.Join(", ", known)}";
        problems.Add(YamlTree.Problem(name.At, $"unknown key \"{Join(path, name.Text)}\"; {hint}"));
    }

    private void CheckPresence(
        ConfigSection section, string path, YamlNode node, Dictionary<string, YamlScalar> written)
    {
        foreach (var key in section.Keys.Where(key => key.IsRequired && !written.ContainsKey(key.Name)))
        {
            problems.Add(YamlTree.Problem(node.At, $"{path} needs the key {key.Name}: {Lower(key.Meaning)}"));
        }

        if (section.Choice is not { } choice)
        {
            return;
        }

        var present = choice.Where(key => written.ContainsKey(key.Name)).ToList();
        if (present.Count == 0)
        {
            // Among keys that are wrong already, the one that is missed may stand misspelled.
            var isMisspelled = written.Keys.Any(name => section.Keys.All(key => key.Name != name));
            if (!isMisspelled)
            {
                problems.Add(YamlTree.Problem(
                    node.At, $"{path} needs one of {string.Join(", ", choice.Select(key => key.Name))}"));
            }
        }
        else if (present.Count > 1)
        {
            var second = present.Select(key => written[key.Name]).OrderBy(name => name.At.Index).ElementAt(1);
            problems.Add(YamlTree.Problem(
                second.At, $"{path} takes one of {string.Join(", ", present.Select(key => key.Name))}, not several"));
        }
    }

    private static string Lower(string meaning) =>
        meaning.Length > 1 && char.IsLower(meaning[1])
            ? $"{char.ToLowerInvariant(meaning[0])}{meaning[1..]}".TrimEnd('.')
            : meaning.TrimEnd('.');
}
