using System.Collections.Concurrent;
using System.Security.Cryptography;
using Drover.Core.Components;
using Drover.Runtime.Auth;
using Drover.Runtime.Docker;
using Drover.Runtime.Probing;
using Drover.Runtime.Processes;
using Drover.Runtime.Processes.Shim;
using Drover.Runtime.Uplink;
using Drover.Supervisor.Components;
using Drover.Supervisor.Control;
using Drover.Supervisor.Documents;
using Drover.Supervisor.Logs;
using Drover.Supervisor.State;
using Microsoft.Extensions.Logging;

namespace Drover.Supervisor.Daemon;

/// <summary>
/// The parts of a running supervisor. The caller holds the lock of the data directory. Owns the one waiter for
/// processes, the runners, the pump of events and the control socket; killing it leaves every component running.
/// </summary>
internal sealed partial class SupervisorDaemon : IAsyncDisposable
{
    private static readonly LogPolicy OwnLogPolicy = new() { MaxBytes = 4 << 20, Keep = 3 };

    private readonly SupervisorOptions _options;
    private readonly SupervisorPaths _paths;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private readonly MonotonicClock _clock;
    private readonly NotifyRunner _notify;
    private readonly RunStore _run;
    private readonly HistoryStore _history;
    private readonly RoleUplink? _uplink;
    private readonly WebhookTeller _webhooks;
    private readonly EventPump _events;
    private readonly ProcessWaiter _waiter;
    private readonly ControlGroups _groups;
    private readonly ProcessLauncher _launcher;
    private readonly Lazy<DockerClient> _docker;
    private readonly LogDirectory _logDirectory;
    private readonly LogKeeper _logs;
    private readonly StandingNotices _notices = new();
    private readonly ConcurrentDictionary<string, ComponentLog> _componentLogs = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, IComponentOutput> _outputs = new(StringComparer.Ordinal);
    private readonly Lazy<IReadOnlyList<string>> _marksFound;
    private readonly ComponentSet _components;
    private readonly CancellationTokenSource _ending = new();
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ControlServer? _server;
    private Task _keepingLogs = Task.CompletedTask;
    private Task _endingForgotten = Task.CompletedTask;
    private Task? _stopping;

    private SupervisorDaemon(SupervisorOptions options, ILoggerFactory loggers, TimeProvider time)
    {
        _options = options;
        _loggers = loggers;
        _logger = loggers.CreateLogger<SupervisorDaemon>();
        _paths = new SupervisorPaths(options.DataDirectory);
        _clock = new MonotonicClock(time);
        _run = RunStore.Begin(
            _paths.Run,
            ProcessBoot.Id,
            Environment.ProcessId,
            time.GetUtcNow(),
            options.Configuration);
        _history = HistoryStore.Open(_paths.History, _logger, time);
        _uplink = options.Server is { } server
            ? RoleUplink.Start(SpecOf(server, _paths, options.Version), loggers, time)
            : null;
        _webhooks = new WebhookTeller(
            _paths, options.Name ?? $"{Environment.MachineName}-supervisor", loggers, time);
        _events = new EventPump(_history, Forward, ForwardLoss, loggers.CreateLogger<EventPump>());
        _waiter = new ProcessWaiter(time);
        if (options.ReapsOrphans)
        {
            _waiter.BecomeReaper();
        }

        _groups = ControlGroups.Find("drover." + _run.Run.Id);
        _launcher = new ProcessLauncher(
            _waiter,
            _groups,
            options.Shim is { } shim ? new ExecShim(shim.Executable, shim.Arguments) : null);
        _docker = new Lazy<DockerClient>(() => new DockerClient(DockerEndpoint.Parse(options.DockerHost), time));
        _logDirectory = new LogDirectory(_paths.Logs);
        _logs = new LogKeeper(_logDirectory, time, Told, loggers.CreateLogger<LogKeeper>());
        _marksFound = new Lazy<IReadOnlyList<string>>(
            () => _run.Previous is PreviousEnd.Crash ? _launcher.Markers(_run.Run.Id + "/") : []);
        _components = new ComponentSet(options.Document, SeatOf, TaskScheduler.Default);
        _notify = new NotifyRunner(new NotifyParts
        {
            Starter = new NotifySocket(options.StartSocket),
            Manager = new NotifySocket(options.NotifySocket),
            Watchdog = options.Watchdog,
            Ping = PingAsync,
            Status = () => StatusLine.Of([.. _components.Seats.Select(seat => seat.View)]),
            NextChange = () => _components.NextChange,
            Clock = _clock,
        });
    }

    /// <summary>Completes when it was told to end by its socket; fails for a defect.</summary>
    internal Task Completion => _completion.Task;

    internal PreviousEnd Previous => _run.Previous;

    internal static async Task<SupervisorDaemon> StartAsync(
        SupervisorOptions options, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken)
    {
        var daemon = new SupervisorDaemon(options, loggers, time);
        try
        {
            await daemon.StartAsync(cancellationToken);
            return daemon;
        }
        catch
        {
            await daemon.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops every component, dependents first, then answers nobody any more.</summary>
    internal Task StopAsync(CancellationToken cancellationToken)
    {
        lock (_ending)
        {
            _stopping ??= StopAllAsync();
        }

        return _stopping.WaitAsync(cancellationToken);
    }

    /// <summary>Everything ends but the components.</summary>
    public async ValueTask DisposeAsync()
    {
        // First, so that whoever ordered the end still gets his answer.
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        await _ending.CancelAsync();
        await _notify.DisposeAsync();
        await _keepingLogs.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _endingForgotten.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _components.DisposeAsync();
        await _events.DisposeAsync();
        await _webhooks.DisposeAsync();
        if (_uplink is not null)
        {
            await _uplink.DisposeAsync();
        }

        _history.Dispose();
        _waiter.Dispose();
        if (_docker.IsValueCreated)
        {
            _docker.Value.Dispose();
        }

        _completion.TrySetResult();
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        LogPrevious(_logger, _run.Previous);
        _keepingLogs = Task.WhenAll(
            Task.Run(() => _logs.RunAsync(_ending.Token), CancellationToken.None),
            Task.Run(KeepOwnLogAsync, CancellationToken.None));
        var known = _options.Document.Components.Select(one => one.Name).ToHashSet(StringComparer.Ordinal);
        var forgotten = ForgottenComponents.Of(_marksFound.Value, known);
        _endingForgotten = new ForgottenComponents(_launcher, _paths, _clock.Time, _logger)
            .EndAsync(forgotten, _ending.Token);

        // Whoever asks while the components are looked for is answered, and an order waits its turn.
        _server = ControlServer.Start(
            _paths.Socket,
            new ControlHandler(this),
            _clock.Time,
            _loggers.CreateLogger<ControlServer>(),
            CurrentUser.Id);
        FailWith(_components.Completion);
        FailWith(_events.Completion);
        await _webhooks.ApplyAsync(_options.Document.Webhooks);
        await _components.StartAsync(_run.IsContinuation, cancellationToken);
        _notify.Ready();
    }

    /// <summary>A defect of a part is one of the whole: it ends, loudly, and the next one takes all over.</summary>
    private void FailWith(Task part) => _ = part.ContinueWith(
        failed => _completion.TrySetException(failed.Exception!.InnerExceptions),
        CancellationToken.None,
        TaskContinuationOptions.OnlyOnFaulted,
        TaskScheduler.Default);

    private async Task StopAllAsync()
    {
        await Task.Yield();
        _notify.Stopping(StopBudget.Of(_components.Document));
        SayEnd(_run.BeginEnd);
        await _components.CloseAsync(_ending.Token);
        foreach (var seat in _components.Seats)
        {
            var view = seat.View;
            if (!view.IsAtRest && (view.Unseen ?? view.Survivors) is { } why)
            {
                LogLeft(_logger, seat.Name, why);
            }
        }

        try
        {
            await _events.FlushAsync(_ending.Token);
        }
        catch (ControlException broken)
        {
            LogNotFlushed(_logger, broken.Message);
        }

        if (_uplink is not null)
        {
            await _uplink.StopAsync(_ending.Token);
        }

        _groups.RemoveWhenEmpty();
        SayEnd(_run.EndClean);
        _completion.TrySetResult();
    }

    private void SayEnd(Action write)
    {
        try
        {
            write();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            LogRunNotWritten(_logger, _paths.Run, error.Message);
        }
    }

    /// <summary>
    /// Returns when everything that keeps components has come round: each runner, the loop that releases starts, and
    /// the thread that sees exits. A supervisor of which one is stuck is worth nothing.
    /// </summary>
    private Task PingAsync(CancellationToken cancellationToken) => Task.WhenAll(
        _components.PingAsync(cancellationToken), _waiter.PingAsync(cancellationToken));

    /// <summary>What a supervisor in the background says is bounded like what its components write.</summary>
    private async Task KeepOwnLogAsync()
    {
        if (!File.Exists(_paths.DaemonLog))
        {
            return;
        }

        var keeper = new LogKeeper(
            new LogDirectory(_paths.Own), _clock.Time, static _ => { }, _loggers.CreateLogger<LogKeeper>());
        var name = Path.GetFileNameWithoutExtension(_paths.DaemonLog);
        keeper.Keep(name, OwnLogPolicy);
        keeper.Prepare(name);
        await keeper.RunAsync(_ending.Token);
    }

    private ComponentLog LogOf(string component) =>
        _componentLogs.GetOrAdd(component, name => new ComponentLog(name, _logDirectory, _logs));

    private void Keep(ComponentDocument document) => _logs.Keep(
        document.Name,
        LogPolicy.Of(document.Log));

    private ComponentSeat SeatOf(ComponentDocument document)
    {
        var launch = new ComponentLaunch(document.Launch);
        var id = new ComponentId(document.Name);
        var logger = _loggers.CreateLogger<ComponentRunner>();
        var output = document.Launch.CreateOutput(LogOf(document.Name), () => _docker.Value, _clock);
        _outputs[document.Name] = output;
        Keep(document);
        var parts = new RunnerParts
        {
            Id = id,
            Spec = document.Spec,
            Store = StateStore.Open(_paths.StateOf(document.Name), logger),
            Boot = document.Launch is ProcessLaunch ? ProcessBoot.Id : ProcessIdentity.CurrentBootId,
            Prober = ProberOf(document),
            Output = output,
            Events = _events,
            KeepsEvents = _uplink is not null || _options.Document.Webhooks.Count > 0,
            LaunchDigest = () => launch.Next.Digest(),
            Clock = _clock,
            Random = new Random(RandomNumberGenerator.GetInt32(int.MaxValue)),
            Logger = logger,
        };
        var services = ServicesOf(document, launch, output);
        var runner = new ComponentRunner(parts, reports => document.Launch.CreateDriver(services, reports));
        return new ComponentSeat(document, runner, launch);
    }

    private DriverServices ServicesOf(
        ComponentDocument document, ComponentLaunch launch, IComponentOutput output) => new()
        {
            Component = document,
            Launch = launch,
            SupervisorId = _run.Run.Id,
            Foundation = _options.Foundation,
            Launcher = _launcher,
            MarksFound = () => _marksFound.Value,
            Docker = () => _docker.Value,
            Log = LogOf(document.Name),
            Output = output,
            LogPath = _logDirectory.LiveOf(document.Name),
            SecretsDirectory = _paths.SecretsOf(document.Name),
            Clock = _clock,
            Loggers = _loggers,
        };

    private ComponentProber ProberOf(ComponentDocument document) => new(
        kind => document.TargetOf(kind) is { } target
            ? ProbeTargets.Of(target, document.Launch, _options.Foundation)
            : null,
        new ProbeFactory(new ProbeServices(_clock.Time)
        {
            Launcher = _launcher,
            Docker = () => _docker.Value,
            Log = _outputs[document.Name].Tap,
        }),
        _clock.Time);

    [LoggerMessage(4401, LogLevel.Information, "the supervisor before this one: {Previous}")]
    private static partial void LogPrevious(ILogger logger, PreviousEnd previous);

    [LoggerMessage(
        4404, LogLevel.Warning, "\"{Component}\" may still run, and the next start looks for it: {Why}")]
    private static partial void LogLeft(ILogger logger, string component, string why);

    [LoggerMessage(4405, LogLevel.Error, "{Why}")]
    private static partial void LogNotFlushed(ILogger logger, string why);

    [LoggerMessage(4402, LogLevel.Error, "cannot write \"{Path}\": {Why}; the next start will take this for a crash")]
    private static partial void LogRunNotWritten(ILogger logger, string path, string why);
}
