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
            new SectionWalk(environment, values, sections, problems).Into(root, "", node);
        }

        return new ConfigDocument(path, values, sections, problems);
    }
}
