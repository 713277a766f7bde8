namespace Drover;

/// <summary>An expected bad end of a verb: the sentence, what to do, and the exit code.</summary>
internal sealed class CliException(ExitCode code, string message, string? hint = null, Exception? cause = null)
    : Exception(message, cause)
{
    public ExitCode Code { get; } = code;

    public string? Hint { get; } = hint;
}
