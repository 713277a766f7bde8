namespace Drover.Supervisor.Logs;

/// <summary>What the keeper of logs tells; each once, until it changes. The message is a sentence for people.</summary>
/// <param name="Message">What and why.</param>
internal abstract record LogNotice(string Message)
{
    /// <summary>Nothing can be written where the logs are: components lose what they say.</summary>
    internal sealed record DiskFull(string Message) : LogNotice(Message);

    /// <summary>It can be written again.</summary>
    internal sealed record DiskFree(string Message) : LogNotice(Message);

    /// <summary>The file system can neither take out the front of a file nor make a hole in it.</summary>
    internal sealed record CannotRotate(string Message) : LogNotice(Message);

    /// <summary>Such a file has grown beyond its bound, or to twice the size it was last told of.</summary>
    internal sealed record TooLarge(string Component, long Bytes, string Message) : LogNotice(Message);

    /// <summary>Somebody else emptied, replaced or deleted the live file.</summary>
    internal sealed record Replaced(string Component, string Message) : LogNotice(Message);

    /// <summary>A log cannot be kept for now; it is tried again.</summary>
    internal sealed record Failed(string Component, string Why)
        : LogNotice($"cannot keep the log of \"{Component}\": {Why}");

    /// <summary>What failed works again.</summary>
    internal sealed record Resumed(string Component, string Message) : LogNotice(Message);
}
