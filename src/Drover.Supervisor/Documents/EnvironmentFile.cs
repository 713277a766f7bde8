using Drover.Runtime.Configuration;
using Drover.Runtime.Files;

namespace Drover.Supervisor.Documents;

/// <summary>
/// A file of variables: <c>NAME=value</c> a line, <c>#</c> begins a comment line, <c>export </c> in front is taken off,
/// and one pair of quotes around a value. Nothing is expanded: a value may hold any character.
/// </summary>
public static class EnvironmentFile
{
    private const int MaxBytes = 1 << 20;

    /// <summary>The variables of a file, in its order.</summary>
    /// <exception cref="ConfigurationException">
    /// It cannot be read, or a line is none; the sentence names file and line, never a value.
    /// </exception>
    public static IReadOnlyList<KeyValuePair<string, string>> Read(string path)
    {
        try
        {
            if (IsOther(path))
            {
                throw new ConfigurationException(
                    $"cannot read the environment file \"{path}\": it is not a regular file");
            }

            using var file = File.OpenRead(path);
            if (file.Length > MaxBytes)
            {
                throw new ConfigurationException(
                    $"cannot read the environment file \"{path}\": it has {file.Length} bytes and the most is "
                        + $"{MaxBytes}");
            }

            using var reader = new StreamReader(file);
            return Parse(reader.ReadToEnd(), path);
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
            throw new ConfigurationException($"cannot read the environment file \"{path}\": {why}", error);
        }
    }

    internal static IReadOnlyList<KeyValuePair<string, string>> Parse(string text, string path)
    {
        var variables = new List<KeyValuePair<string, string>>();
        var number = 0;
        foreach (var raw in text.Split('\n'))
        {
            number++;
            var line = raw.Trim();
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            const string Export = "export ";
            line = line.StartsWith(Export, StringComparison.Ordinal) ? line[Export.Length..].TrimStart() : line;
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? "" : line[..equals];
            if (!IsName(name) || line.Contains('\0', StringComparison.Ordinal))
            {
                throw new ConfigurationException(
                    $"cannot read the environment file \"{path}\": line {number} is not NAME=value");
            }

            variables.Add(new(name, Unquoted(line[(equals + 1)..])));
        }

        return variables;
    }

    /// <summary>A pipe, say, which would hold the reader until somebody writes.</summary>
    private static bool IsOther(string path)
    {
        var target = new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path;
        return File.Exists(target) && GrowingFile.Examine(target) is null;
    }

    /// <summary>Whether a variable can have that name (POSIX, 8.1).</summary>
    public static bool IsName(string name) =>
        name.Length > 0
        && !char.IsAsciiDigit(name[0])
        && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_');

    private static string Unquoted(string value) =>
        value is ['"' or '\'', .., _] && value[^1] == value[0] ? value[1..^1] : value;
}
