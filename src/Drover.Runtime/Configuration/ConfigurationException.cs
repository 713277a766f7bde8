namespace Drover.Runtime.Configuration;

/// <summary>
/// Something a person set cannot be used: a sentence for that person, with what to do about it in <see cref="Hint"/>.
/// </summary>
public sealed class ConfigurationException : Exception
{
    /// <summary>With the sentence alone.</summary>
    public ConfigurationException(string message)
        : base(message)
    {
    }

    /// <summary>With the sentence and its cause.</summary>
    public ConfigurationException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>What to do; null when the sentence says it.</summary>
    public string? Hint { get; init; }
}
