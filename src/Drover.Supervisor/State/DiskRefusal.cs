namespace Drover.Supervisor.State;

/// <summary>Why a disk refused something, in words for people: a full one says what to do.</summary>
internal static class DiskRefusal
{
    private const int ErrorNoSpace = 28;
    private const int ErrorReadOnly = 30;
    private const int ErrorQuota = 122;

    /// <summary>True for what a full disk or a used up quota answers.</summary>
    internal static bool IsFull(Exception error) => error is IOException { HResult: ErrorNoSpace or ErrorQuota };

    internal static string Why(Exception error) => error switch
    {
        _ when IsFull(error) => "the disk is full; make room on it",
        IOException { HResult: ErrorReadOnly } => "its file system is mounted read-only",
        _ => error.Message,
    };
}
