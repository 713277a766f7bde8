namespace Drover.Runtime.Configuration;

/// <summary>
/// A secret a person configured. Never prints itself; <see cref="Reveal"/> is for the one request or file that needs
/// it.
/// </summary>
public sealed class Secret : IEquatable<Secret>
{
    private const int MaxFileBytes = 64 * 1024;

    private readonly string _text;

    /// <summary>Takes the secret as it is; white space at its end (a file's last newline) is not part of it.</summary>
    public Secret(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        _text = text.TrimEnd();
    }

    /// <summary>Reads a secret from a file.</summary>
    /// <exception cref="ConfigurationException">
    /// It cannot be read, is empty or too large; the sentence names the file.
    /// </exception>
    public static Secret FromFile(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        try
        {
            using var file = File.OpenRead(path);
            if (file.Length > MaxFileBytes)
            {
                throw new ConfigurationException(
                    $"cannot read the secret from \"{path}\": it has {file.Length} bytes and the most is "
                        + $"{MaxFileBytes}");
            }

            using var reader = new StreamReader(file);
            var secret = new Secret(reader.ReadToEnd());
            return secret._text.Length > 0
                ? secret
                : throw new ConfigurationException($"cannot read the secret from \"{path}\": the file is empty");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"cannot read the secret from \"{path}\": {Why(error)}", error);
        }
    }

    /// <summary>The secret itself.</summary>
    public string Reveal() => _text;

    /// <inheritdoc/>
    public bool Equals(Secret? other) =>
        other is not null && string.Equals(_text, other._text, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Secret);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(_text);

    /// <summary>Says that there is a secret, never which.</summary>
    public override string ToString() => "[secret]";

    private static string Why(Exception error) => error switch
    {
        FileNotFoundException or DirectoryNotFoundException => "there is no such file",
        UnauthorizedAccessException => "this user may not read it",
        _ => error.Message,
    };
}
