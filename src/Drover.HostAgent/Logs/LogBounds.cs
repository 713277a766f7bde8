namespace Drover.HostAgent.Logs;

/// <summary>The bounds of what one reading of a log gives.</summary>
/// <param name="Limit">Most lines.</param>
/// <param name="MaxCharacters">Most characters of messages together; at least one line is always given.</param>
internal readonly record struct LogBounds(int Limit, int MaxCharacters)
{
    /// <summary>Largest <c>limit</c> of a logs command.</summary>
    public const int MaxLimit = 1000;

    /// <summary>Its default.</summary>
    public const int DefaultLimit = 400;

    /// <summary>A longer message is cut here and says so: a page must stay a page.</summary>
    public const int MaxMessageCharacters = 64 * 1024;

    /// <summary>What stands at the end of a message that was cut.</summary>
    public const string CutMark = " [cut here: the line is longer than 64 KiB]";

    /// <summary>Of a page in a report: escaped as JSON it stays below what a spool entry takes.</summary>
    public static LogBounds Page(int limit) => new(limit, 512 * 1024);
}
