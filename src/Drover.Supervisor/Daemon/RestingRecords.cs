using Drover.Runtime.Files;
using Drover.Supervisor.Control;
using Drover.Supervisor.State;

namespace Drover.Supervisor.Daemon;

/// <summary>What a supervisor has written down, for those who ask while none runs.</summary>
public static class RestingRecords
{
    /// <summary>
    /// The last ends of instances, newest first. Null when a supervisor holds the directory after all: ask that one.
    /// </summary>
    /// <param name="dataDirectory">Of the supervisor.</param>
    /// <param name="component">Of which component; null for all.</param>
    /// <param name="limit">So many at most.</param>
    /// <exception cref="IOException">The files cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not read them.</exception>
    public static IReadOnlyList<HistoryEntry>? History(string dataDirectory, string? component, int limit)
    {
        var paths = new SupervisorPaths(dataDirectory);
        return FileLock.IsHeld(paths.Lock) ? null : HistoryStore.Peek(paths.History, component, limit);
    }

    /// <summary>
    /// The file that the supervisor of the directory was last started with; null when there was none, or it cannot be
    /// read.
    /// </summary>
    public static string? Configuration(string dataDirectory)
    {
        try
        {
            return RunStore.Read(new SupervisorPaths(dataDirectory).Run)?.Configuration;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>True while a supervisor of the directory starts, works or ends.</summary>
    public static bool IsHeld(string dataDirectory) =>
        FileLock.IsHeld(new SupervisorPaths(dataDirectory).Lock);

    /// <summary>Where a supervisor in the background writes what it says itself.</summary>
    public static string LogOf(string dataDirectory) => new SupervisorPaths(dataDirectory).DaemonLog;
}
