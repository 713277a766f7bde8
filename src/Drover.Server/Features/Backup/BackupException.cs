namespace Drover.Server.Features.Backup;

/// <summary>
/// A backup cannot be taken or put back; the message is one sentence for people that says what to do.
/// </summary>
public sealed class BackupException : Exception
{
    /// <summary>Makes one from a sentence.</summary>
    public BackupException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one from a sentence and what lies behind it.</summary>
    public BackupException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>What was named is not there.</summary>
    public bool IsMissing { get; init; }
}
