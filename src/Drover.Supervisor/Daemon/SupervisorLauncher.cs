using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Drover.Runtime.Configuration;
using Drover.Runtime.Files;
using Drover.Runtime.Processes;
using Drover.Supervisor.Control;

namespace Drover.Supervisor.Daemon;

/// <summary>
/// Starts a supervisor in the background and returns when it answers, or says in its own words why it does not; and
/// ends one. The child has a session of its own, no descriptor of its parent, <c>/</c> as its directory and a file for
/// what it says; it tells how it is by the same datagrams that a service manager gets. Where there is a service manager
/// it is told which process is the service now.
/// </summary>
public static class SupervisorLauncher
{
    private const int LongestDatagram = 8192;
    private const int LogTail = 4096;

    private static readonly TimeSpan EndPause = TimeSpan.FromMilliseconds(20);

    /// <summary>Returns the process id of the supervisor, which can be asked from now on.</summary>
    /// <exception cref="SupervisorStartException">It did not start; the sentence is its own.</exception>
    public static async Task<int> StartAsync(
        DaemonSpec spec, TimeProvider time, CancellationToken cancellationToken)
    {
        var paths = new SupervisorPaths(spec.DataDirectory);
        if (ControlPath.Objection(paths.Socket) is { } objection)
        {
            throw new SupervisorStartException(objection);
        }

        try
        {
            OwnedDirectory.Ensure(paths.DataDirectory);
            OwnedDirectory.Ensure(paths.Own);
        }
        catch (IOException error)
        {
            throw new SupervisorStartException(error.Message, error);
        }

        // As long as the name of the control socket, so that what fits there fits here.
        var address = Path.Combine(paths.Own, "up." + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4)));
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(address));
            return await StartAsync(spec, paths, socket, address, time, cancellationToken);
        }
        finally
        {
            File.Delete(address);
        }
    }

    /// <summary>
    /// Stops the supervisor of a data directory with all its components; returns when its process is gone, or it alone
    /// from a process that has other roles too.
    /// </summary>
    /// <param name="dataDirectory">Its directory.</param>
    /// <param name="patience">How long to wait; null as long as it takes.</param>
    /// <param name="time">Clock of the wait.</param>
    /// <param name="cancellationToken">Stops waiting; the order stands.</param>
    /// <returns>What came of it; not done when the patience ended before.</returns>
    /// <exception cref="ControlException">Nobody answers, or it refuses.</exception>
    public static async Task<OrderOutcome> StopAsync(
        string dataDirectory, TimeSpan? patience, TimeProvider time, CancellationToken cancellationToken)
    {
        var paths = new SupervisorPaths(dataDirectory);
        var client = new ControlClient(paths.Socket);
        var status = await client.StatusAsync(cancellationToken);
        var process = status.SharesProcess is not true && await client.FindProcessAsync(cancellationToken) is { } pid
            ? ProcessIdentity.TryRead(pid)
            : null;
        var outcome = await client.OrderAsync(ControlVerb.Shutdown, component: null, patience, cancellationToken);

        // The lock is let go of a moment before the process has ended.
        while (outcome.Done && (IsHeld(paths.Lock) || process?.IsAlive() is true))
        {
            await Task.Delay(EndPause, time, cancellationToken);
        }

        return outcome;
    }

    /// <summary>True while a process holds the lock: a supervisor starts, works or ends.</summary>
    internal static bool IsHeld(string lockPath) => FileLock.IsHeld(lockPath);

    private static async Task<int> StartAsync(
        DaemonSpec spec,
        SupervisorPaths paths,
        Socket socket,
        string address,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var logged = new FileInfo(paths.DaemonLog) is { Exists: true } log ? log.Length : 0;
        using var waiter = new ProcessWaiter(time);
        var outcome = new ProcessLauncher(waiter).Launch(new LaunchSpec
        {
            Executable = spec.Executable,
            Arguments = spec.Arguments,
            Environment = EnvironmentOf(spec, address),
            OutputPath = paths.DaemonLog,
        });
        if (outcome is not LaunchOutcome.Started started)
        {
            throw new SupervisorStartException(((LaunchOutcome.Failed)outcome).Sentence);
        }

        using var process = started.Process;
        using var limit = new CancellationTokenSource(spec.Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var why = await HearAsync(socket, process, either.Token);
            if (why is not null)
            {
                throw new SupervisorStartException(why.Length > 0 ? why : LastWords(paths.DaemonLog, logged));
            }

            var manager = new NotifySocket(spec.Environment.GetValueOrDefault(EnvironmentVariables.NotifySocket));
            manager.Send(NotifySocket.MainProcess(process.Identity.Pid), NotifySocket.Ready);
            return process.Identity.Pid;
        }
        catch (OperationCanceledException)
        {
            // Half a supervisor is none: what it has launched meanwhile is its to stop.
            process.Signal(ProcessSignal.Terminate);
            cancellationToken.ThrowIfCancellationRequested();
            throw new SupervisorStartException(
                $"cannot start the supervisor: it was not ready within {spec.Patience.TotalSeconds:0} s; its log is "
                    + $"\"{paths.DaemonLog}\"");
        }
    }

    /// <summary>
    /// What the caller was given, and where to say that it is ready. A watchdog that was meant for the caller is meant
    /// for the process that becomes the service in its place.
    /// </summary>
    private static Dictionary<string, string> EnvironmentOf(DaemonSpec spec, string address)
    {
        var environment = new Dictionary<string, string>(spec.Environment)
        {
            [EnvironmentVariables.StartSocket] = address,
        };
        var own = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        if (environment.GetValueOrDefault(EnvironmentVariables.WatchdogProcess) == own)
        {
            environment.Remove(EnvironmentVariables.WatchdogProcess);
        }

        return environment;
    }

    /// <summary>Null when it is ready; else why it ended, empty when it did not say.</summary>
    private static async Task<string?> HearAsync(
        Socket socket, ISupervisedProcess process, CancellationToken cancellationToken)
    {
        var said = "";
        var buffer = new byte[LongestDatagram];
        var ended = process.Exit;
        while (true)
        {
            var receiving = socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken).AsTask();
            if (await Task.WhenAny(receiving, ended) == ended && !receiving.IsCompleted && socket.Available == 0)
            {
                return said;
            }

            foreach (var line in Encoding.UTF8.GetString(buffer, 0, await receiving).Split('\n'))
            {
                if (line == NotifySocket.Ready)
                {
                    return null;
                }

                said = line.StartsWith("STATUS=", StringComparison.Ordinal) ? line["STATUS=".Length..] : said;
            }
        }
    }

    private static string LastWords(string path, long from)
    {
        var words = "";
        if (File.Exists(path))
        {
            using var log = File.OpenRead(path);
            log.Position = Math.Max(Math.Min(from, log.Length), log.Length - LogTail);
            using var reader = new StreamReader(log);
            words = reader.ReadToEnd().Trim();
        }

        return words.Length > 0
            ? $"cannot start the supervisor: it ended and said: {words}"
            : $"cannot start the supervisor: it ended without a word; its log is \"{path}\"";
    }
}
