using Drover.Core.Backoff;
using Drover.HostAgent.Commands.Handlers;
using Drover.HostAgent.Logs;
using Drover.HostAgent.Metrics;
using Drover.Runtime.Faults;
using Drover.Runtime.Journal;
using Drover.Runtime.Uplink.Transport;
using Drover.Wire.Commands;
using Microsoft.Extensions.Logging;

namespace Drover.HostAgent.Commands;

/// <summary>
/// Owns the command loop of a host: waits at the server, hands each command to the intake without waiting for it, and
/// starts the logs somebody follows. Survives any server: it asks again with a growing pause. <see cref="StopAsync"/>
/// ends it without losing a report.
/// </summary>
internal sealed partial class CommandRunner : IAsyncDisposable
{
    // A server that answers at once with nothing, over and over, is not asked faster than this.
    private static readonly TimeSpan LeastPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(60);
    // How long a wait lasts that may not bring everything, so that room is seen soon.
    private static readonly TimeSpan NarrowWait = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan QuickAnswer = TimeSpan.FromMilliseconds(200);
    // Where the server does not say.
    private static readonly TimeSpan DefaultLease = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(3);
    private static readonly BackoffPolicy Unreachable =
        new(TimeSpan.FromSeconds(1), factor: 2, cap: TimeSpan.FromSeconds(15), jitter: 0.1);
    private static readonly BackoffPolicy Refused =
        new(TimeSpan.FromSeconds(5), factor: 2, cap: TimeSpan.FromMinutes(5), jitter: 0.1);

    private readonly CommandRunnerOptions _options;
    private readonly ICommandServer _server;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly ILogger<CommandRunner> _log;
    private readonly ExecutionJournal _journal;
    private readonly ReportRunner _reports;
    private readonly LeaseKeeper _leases;
    private readonly AppStatusSender _statuses;
    private readonly CommandIntake _intake;
    private readonly CommandLanes _lanes = new();
    private readonly LogFollower _follower;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _cutShort = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly CommandsInHand _inHand = new();
    private Task? _loops;

    /// <param name="options">Directory, policy and limits.</param>
    /// <param name="server">Where commands come from and reports go.</param>
    /// <param name="engine">What they work on.</param>
    /// <param name="normalise">Makes the records of <c>list</c>.</param>
    /// <param name="time">For deadlines, leases and pauses.</param>
    /// <param name="random">For jitter; its seed replays it.</param>
    /// <param name="onLoss">Told of every report that nobody will ever get.</param>
    /// <param name="loggers">For the person at the terminal.</param>
    /// <exception cref="IOException">The directory cannot be used.</exception>
    public CommandRunner(
        CommandRunnerOptions options,
        ICommandServer server,
        IContainerEngine engine,
        NormaliseContainer normalise,
        TimeProvider time,
        Random random,
        ReportLoss onLoss,
        ILoggerFactory loggers)
    {
        (_options, _server, _time) = (options, server, time);
        _random = new Random(random.Next());
        _log = loggers.CreateLogger<CommandRunner>();
        Directory.CreateDirectory(
            options.Directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _journal = ExecutionJournal.Open(Path.Combine(options.Directory, "executions"), time);
        var spool = Spool.Open(Path.Combine(options.Directory, "reports"), new SpoolOptions(options.ReportSpoolBytes));
        _reports = new ReportRunner(
            spool, _journal, server, time, new Random(random.Next()), onLoss, loggers.CreateLogger<ReportRunner>());
        _leases = new LeaseKeeper(server, time, loggers.CreateLogger<LeaseKeeper>());
        _statuses = new AppStatusSender(server, time, loggers.CreateLogger<AppStatusSender>());
        var pages = new LogPageReader(engine);
        _follower = new LogFollower(
            server, engine, pages, options.Policy, time, loggers.CreateLogger<LogFollower>());
        var executor = new CommandExecutor(
            Handlers(engine, pages, options.Policy, normalise, time),
            options.Policy,
            time,
            loggers.CreateLogger<CommandExecutor>());
        _intake = new CommandIntake(
            executor,
            _journal,
            _reports,
            _leases,
            _lanes,
            _statuses,
            Counters,
            engine,
            options,
            time,
            loggers.CreateLogger<CommandIntake>());
    }

    /// <summary>What was executed, for /health and /metrics.</summary>
    public CommandCounters Counters { get; } = new();

    /// <summary>Reports that the server does not have yet.</summary>
    public long ReportsWaiting => _reports.Waiting;

    /// <summary>Logs that are being followed.</summary>
    public int Follows => _follower.Count;

    /// <summary>Starts the loops. What an earlier run began and did not end is reported first.</summary>
    public void Start()
    {
        _intake.ReportCutShort(_server.DeploymentHash);
        _loops = Task.WhenAll(
            Guarded(WaitLoopAsync, _stopping.Token),
            Guarded(_leases.RunAsync, _ending.Token),
            Guarded(_reports.RunAsync, _ending.Token),
            Guarded(_statuses.RunAsync, _ending.Token));
    }

    /// <summary>
    /// Ends the loops: nothing more begins, what runs has a grace to end and is then reported as interrupted, and
    /// reports get a last try. What the server does not take is on disk for the next start.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _follower.StopAsync();
        var running = _inHand.Ended;
        try
        {
            await running.WaitAsync(_options.StopGrace, _time, cancellationToken);
        }
        catch (Exception error) when (error is TimeoutException or OperationCanceledException)
        {
            await _cutShort.CancelAsync();
            await running;
        }

        await _ending.CancelAsync();
        if (_loops is not null)
        {
            await _loops;
        }

        using var limit = new CancellationTokenSource(DrainTime, _time);
        await _reports.DrainAsync(limit.Token);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_ending.IsCancellationRequested)
        {
            await StopAsync(CancellationToken.None);
        }

        _reports.Dispose();
        _journal.Dispose();
        _follower.Dispose();
        _stopping.Dispose();
        _cutShort.Dispose();
        _ending.Dispose();
    }

    private static Dictionary<string, ICommandHandler> Handlers(
        IContainerEngine engine,
        LogPageReader pages,
        HostPolicy policy,
        NormaliseContainer normalise,
        TimeProvider time) =>
        new(StringComparer.Ordinal)
        {
            [CommandTypes.Health] = new HealthHandler(engine, new ContainerMetricsReader(time), time),
            [CommandTypes.Logs] = new LogsHandler(engine, pages),
            [CommandTypes.Restart] = new RestartHandler(engine, policy),
            [CommandTypes.Start] = new StartHandler(engine, policy),
            [CommandTypes.Stop] = new StopHandler(engine, policy),
            [CommandTypes.List] = new ListHandler(engine, normalise),
        };

    private async Task WaitLoopAsync(CancellationToken cancellationToken)
    {
        var failures = 0;
        while (true)
        {
            TimeSpan pause;
            try
            {
                pause = await WaitOnceAsync(cancellationToken);
                failures = 0;
            }
            catch (ServerCallException error)
            {
                failures++;
                var policy = error.Failure is ServerFailure.Unreachable ? Unreachable : Refused;
                pause = error.RetryAfter is { } asked && asked < LongestPause ? asked : policy.Delay(failures, _random);
                LogNotAsked(pause.TotalSeconds, error.Message);
            }

            if (pause > TimeSpan.Zero)
            {
                await Task.Delay(pause, _time, cancellationToken);
            }
        }
    }

    private async Task<TimeSpan> WaitOnceAsync(CancellationToken cancellationToken)
    {
        var room = _inHand.Room;
        var start = _time.GetTimestamp();
        var answer = await _server.WaitAsync(
            room is WaitScopes.All ? _options.WaitTimeout : NarrowWait, room, cancellationToken);
        foreach (var stream in answer.Meta?.Streams ?? [])
        {
            _follower.Start(stream);
        }

        if (answer.Item is { } command)
        {
            FaultPoint.Reach(FaultPoints.DeliveryReceived);
            var lease = LeaseOf(answer);
            if (_inHand.TryTake(command, one => TakeAsync(one, lease)))
            {
                return TimeSpan.Zero;
            }

            // A server that knows nothing of the scope: the lease runs out and it is delivered again.
            LogNoRoom(command.CommandId);
            return LeastPause;
        }

        if (answer.Meta?.Streams is { Count: > 0 })
        {
            return TimeSpan.Zero;
        }

        var asked = TimeSpan.FromSeconds(Math.Clamp(answer.Meta?.NextPollSecs ?? 0, 0, LongestPause.TotalSeconds));
        return asked == TimeSpan.Zero && _time.GetElapsedTime(start) < QuickAnswer ? LeastPause : asked;
    }

    private static TimeSpan LeaseOf(WaitResponse answer) =>
        answer.Meta is { LeaseSecs: > 0 } meta ? TimeSpan.FromSeconds(meta.LeaseSecs) : DefaultLease;

    private async Task TakeAsync(CommandDto command, TimeSpan lease)
    {
        try
        {
            await Task.Run(
                () => _intake.TakeAsync(command, lease, _stopping.Token, _cutShort.Token), CancellationToken.None);
        }
        catch (Exception error)
        {
            // A defect; the lease runs out and the journal knows whether it had begun.
            LogDefect(command.CommandId, error);
        }
    }

    private async Task Guarded(Func<CancellationToken, Task> loop, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await loop(cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                LogLoopDefect(error);
                await Task.Delay(LeastPause, _time, cancellationToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    [LoggerMessage(2351, LogLevel.Warning, "cannot ask for commands, next try in {Seconds:0.#} s: {Why}")]
    private partial void LogNotAsked(double seconds, string why);

    [LoggerMessage(2352, LogLevel.Error, "command {CommandId} met a defect of the agent")]
    private partial void LogDefect(string commandId, Exception error);

    [LoggerMessage(2353, LogLevel.Error, "a loop of the command part met a defect and begins anew")]
    private partial void LogLoopDefect(Exception error);

    [LoggerMessage(2354, LogLevel.Warning, "command {CommandId} is left to the server: too many are in hand")]
    private partial void LogNoRoom(string commandId);
}
