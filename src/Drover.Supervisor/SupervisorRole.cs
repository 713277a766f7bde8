using Drover.Runtime.Files;
using Drover.Supervisor.Control;
using Drover.Supervisor.Daemon;
using Microsoft.Extensions.Logging;

namespace Drover.Supervisor;

/// <summary>
/// The supervisor as a part of a process: one to a data directory, at work until it is stopped, answering on
/// <see cref="SocketPath"/>. If this process is killed its components go on, and the next supervisor of the directory
/// takes them over.
/// </summary>
public sealed class SupervisorRole : IAsyncDisposable
{
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LockPause = TimeSpan.FromMilliseconds(20);

    private readonly FileLock _lock;
    private readonly SupervisorDaemon _daemon;

    private SupervisorRole(FileLock fileLock, SupervisorDaemon daemon, string socketPath)
    {
        (_lock, _daemon, SocketPath) = (fileLock, daemon, socketPath);
    }

    /// <summary>Where it is asked: see <see cref="ControlClient"/>.</summary>
    public string SocketPath { get; }

    /// <summary>Completes when it was stopped by its socket; fails only for a defect.</summary>
    public Task Completion => _daemon.Completion;

    /// <summary>
    /// Takes over what an earlier supervisor of the directory left, listens, and has all components start. Returns
    /// when it can be asked; whether a component starts well is what it then answers.
    /// </summary>
    /// <exception cref="SupervisorStartException">It cannot start; the sentence says why and what to do.</exception>
    public static async Task<SupervisorRole> StartAsync(
        SupervisorOptions options, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            return await StartCoreAsync(options, loggers, time, cancellationToken);
        }
        catch (SupervisorStartException error)
        {
            // Whoever started this in the background has no other way to hear why.
            new NotifySocket(options.StartSocket).Send(NotifySocket.Status(error.Message));
            new NotifySocket(options.NotifySocket).Send(NotifySocket.Status(error.Message));
            throw;
        }
    }

    /// <summary>Stops all components, dependents first; returns when nothing of them runs.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => _daemon.StopAsync(cancellationToken);

    /// <summary>Reads the user's file again and takes up what changed.</summary>
    /// <exception cref="ControlException">It cannot be used, and nothing changed.</exception>
    public Task<ReloadOutcome> ReloadAsync(CancellationToken cancellationToken) =>
        _daemon.ReloadAsync(cancellationToken);

    /// <summary>Ends. Components that were not stopped before go on running.</summary>
    public async ValueTask DisposeAsync()
    {
        await _daemon.DisposeAsync();
        _lock.Dispose();
    }

    private static async Task<SupervisorRole> StartCoreAsync(
        SupervisorOptions options, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken)
    {
        var paths = new SupervisorPaths(options.DataDirectory);
        if (ControlPath.Objection(paths.Socket) is { } objection)
        {
            throw new SupervisorStartException(objection);
        }

        var fileLock = await TakeDirectoryAsync(paths, time, cancellationToken);
        try
        {
            var daemon = await SupervisorDaemon.StartAsync(options, loggers, time, cancellationToken);
            return new SupervisorRole(fileLock, daemon, paths.Socket);
        }
        catch (Exception error)
        {
            fileLock.Dispose();
            if (error is IOException or UnauthorizedAccessException or PlatformNotSupportedException)
            {
                throw new SupervisorStartException(
                    $"cannot start the supervisor in \"{options.DataDirectory}\": {error.Message}", error);
            }

            throw;
        }
    }

    private static async Task<FileLock> TakeDirectoryAsync(
        SupervisorPaths paths, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            OwnedDirectory.Ensure(paths.DataDirectory);
            OwnedDirectory.Ensure(paths.Own);
            OwnedDirectory.Ensure(paths.States);
            OwnedDirectory.Ensure(paths.Logs);
            return await LockAsync(paths.Lock, time, cancellationToken);
        }
        catch (FileLockedException error)
        {
            var holder = error.HolderPid is { } pid ? $"process {pid}" : "another process";
            throw new SupervisorStartException(
                $"cannot start a second supervisor on \"{paths.DataDirectory}\": {holder} runs one there; stop it or "
                    + "choose another data directory",
                error);
        }
        catch (IOException error)
        {
            throw new SupervisorStartException(error.Message, error);
        }
    }

    /// <summary>One that was killed a moment ago holds the lock until the kernel has taken it apart.</summary>
    private static async Task<FileLock> LockAsync(string path, TimeProvider time, CancellationToken cancellationToken)
    {
        var begin = time.GetTimestamp();
        while (true)
        {
            try
            {
                return FileLock.Acquire(path);
            }
            catch (FileLockedException) when (time.GetElapsedTime(begin) < LockPatience)
            {
                await Task.Delay(LockPause, time, cancellationToken);
            }
        }
    }
}
