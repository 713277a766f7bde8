using Drover.Runtime.Files;
using Drover.Supervisor.Control;
using Drover.Supervisor.State;
using Microsoft.Extensions.Logging.Abstractions;

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
        if (!File.Exists(paths.History))
        {
            return [];
        }

        try
        {
            // Reading takes away what a power cut left torn, and that is only the owner's to do.
            using var held = FileLock.Acquire(paths.Lock);
            using var history = HistoryStore.Open(paths.History, NullLogger.Instance, TimeProvider.System);
            return history.Newest(component, limit);
        }
        catch (FileLockedException)
        {
            return null;
        }
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
        SupervisorLauncher.IsHeld(new SupervisorPaths(dataDirectory).Lock);

    /// <summary>Where a supervisor in the background writes what it says itself.</summary>
    public static string LogOf(string dataDirectory) => new SupervisorPaths(dataDirectory).DaemonLog;
}
