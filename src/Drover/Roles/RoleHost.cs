using System.Text;
using Drover.Commands;
using Drover.Configuration;
using Drover.HostAgent;
using Drover.Runtime.Files;
using Drover.Runtime.Memory;
using Drover.Server;
using Drover.Supervisor;
using Drover.Supervisor.Control;
using Drover.Terminal;
using Microsoft.Extensions.Logging;

namespace Drover.Roles;

/// <summary>
/// The roles of this process, from start to orderly end. The host agent of <c>drover up</c> talks to the server over a
/// real loopback connection, as every other agent does; only its enrollment token is handed over in memory.
/// </summary>
internal sealed partial class RoleHost : IAsyncDisposable
{
    private const string SupervisorKey = "supervisor";

    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(20);

    private readonly VerbContext _verbs;
    private readonly ILoggerFactory _loggers;
    private readonly CancellationTokenSource _ending = new();
    private ServerRole? _server;
    private HostAgentRole? _agent;
    private SupervisorRole? _supervisor;
    private Task _settling = Task.CompletedTask;

    public RoleHost(VerbContext verbs, Settings settings, bool debug)
    {
        _verbs = verbs;
        Settings = settings;
        var least = debug ? LogLevel.Debug : TerminalLogger.LevelOf(settings.LogLevel);
        var logger = new TerminalLogger(verbs.Screen, verbs.Time, least, debug);
        _loggers = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(logger));
    }

    public Settings Settings { get; }

    public ServerRole? Server => _server;

    public SupervisorRole? Supervisor => _supervisor;

    /// <summary>
    /// Runs roles until a signal comes or one of them ends. A signal that comes while one still starts (an agent may
    /// wait for its server for hours) is as orderly an end as a later one.
    /// </summary>
    public static async Task<ExitCode> RunAsync(
        VerbContext verbs,
        Settings settings,
        bool debug,
        Func<RoleHost, CancellationToken, Task> start,
        CancellationToken cancellationToken)
    {
        var roles = new RoleHost(verbs, settings, debug);
        await using (roles.ConfigureAwait(false))
        {
            try
            {
                await start(roles, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                roles.SayStopping();
                return ExitCode.Ok;
            }

            return await roles.StayAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Says on standard error what goes on.</summary>
    public void Say(string text)
    {
        _verbs.Screen.Error.WriteLine(text);
        _verbs.Screen.Error.Flush();
    }

    public async Task StartServerAsync(CancellationToken cancellationToken) =>
        _server = await GuardAsync(
            () =>
                ServerRole.StartAsync(
                    Settings.ServerOptions(), _loggers, _verbs.Time, cancellationToken)).ConfigureAwait(false);

    public async Task StartAgentAsync(HostAgentOptions options, CancellationToken cancellationToken) =>
        _agent = await GuardAsync(
            () => HostAgentRole.StartAsync(options, _loggers, _verbs.Time, cancellationToken)).ConfigureAwait(false);

    /// <summary>
    /// For a process whose roles wait nearly all the time: what only their start needed is given back to the system
    /// once it has settled, and what work brings in later when it is quiet again.
    /// </summary>
    public void GiveBackWhatIsNotNeeded() => _settling =
        new SettledMemory(_verbs.Time, _loggers.CreateLogger<SettledMemory>()).StaySmallAsync(_ending.Token);

    /// <summary>
    /// From now on SIGHUP reads drover.yaml again, also one that comes before the start is done.
    /// </summary>
    /// <param name="besideOthers">This process has other roles, which do not end with it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task StartSupervisorAsync(bool besideOthers, CancellationToken cancellationToken)
    {
        var hasCome = KeepHangUp(SupervisorKey);
        var options = SupervisorSettings.Options(Settings, _verbs.Environment, besideOthers);
        options = options with { Server = await LinkAsync(options.Server, cancellationToken).ConfigureAwait(false) };
        var supervisor = await GuardAsync(
            () => SupervisorRole.StartAsync(options, _loggers, _verbs.Time, cancellationToken))
            .ConfigureAwait(false);
        _supervisor = supervisor;
        OnHangUp(SupervisorKey, () => ReloadAsync(supervisor));
        if (hasCome() && await ReloadAsync(supervisor).ConfigureAwait(false) is { } said)
        {
            Say(said);
        }
    }

    /// <summary>Hands out the token of the first start: to a terminal, else into a file only its owner reads.</summary>
    /// <returns>What to print behind "admin token"; null when this is not the first start.</returns>
    public string? AdminToken()
    {
        if (_server?.FirstRun is not { } first)
        {
            return null;
        }

        if (_verbs.Screen.OutIsTerminal)
        {
            return $"{first.AdminToken}  (shown this once)";
        }

        var path = Path.Combine(Settings.DataDirectory, "admin-token");
        AtomicFile.Write(path, Encoding.UTF8.GetBytes(first.AdminToken + "\n"));
        return $"in {path} (mode 0600)";
    }

    /// <summary>The server last, so that what the others say in the end still finds it.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        await _settling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await EndGatewayAsync().ConfigureAwait(false);
        await EndSupervisorAsync().ConfigureAwait(false);
        using var limit = new CancellationTokenSource(StopTime, _verbs.Time);
        if (_agent is not null)
        {
            await _agent.StopAsync(limit.Token).ConfigureAwait(false);
            await _agent.DisposeAsync().ConfigureAwait(false);
        }

        if (_server is not null)
        {
            await _server.StopAsync(limit.Token).ConfigureAwait(false);
            await _server.DisposeAsync().ConfigureAwait(false);
        }

        _ending.Dispose();
        _loggers.Dispose();
    }

    /// <summary>
    /// Takes as long as the grace of its components; a second signal ends the wait, and they go on.
    /// </summary>
    private async Task EndSupervisorAsync()
    {
        if (_supervisor is not { } supervisor)
        {
            return;
        }

        _supervisor = null;
        NoHangUp(SupervisorKey);
        if (!supervisor.Completion.IsFaulted)
        {
            await supervisor.StopAsync(CancellationToken.None).ConfigureAwait(false);
        }

        await supervisor.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task<string?> ReloadAsync(SupervisorRole supervisor)
    {
        try
        {
            await supervisor.ReloadAsync(CancellationToken.None).ConfigureAwait(false);
            return ReadAgain;
        }
        catch (ControlException error)
        {
            return error.Hint is { } hint ? $"{error.Message} ({hint})" : error.Message;
        }
    }

    /// <summary>Until a signal comes, or a role ends by itself, which is a failure.</summary>
    private async Task<ExitCode> StayAsync(CancellationToken cancellationToken)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = cancellationToken.Register(stopped.SetResult);
        var ended = await Task.WhenAny([stopped.Task, .. Completions()]).ConfigureAwait(false);
        if (ended == _supervisor?.Completion && ended.IsCompletedSuccessfully)
        {
            // Ordered by its socket: it alone, for the others were not meant.
            await EndSupervisorAsync().ConfigureAwait(false);
            if (_server is null && _agent is null && _gateway is null)
            {
                return ExitCode.Ok;
            }

            Say("The supervisor was stopped with its components; the other roles go on.");
            ended = await Task.WhenAny([stopped.Task, .. Completions()]).ConfigureAwait(false);
        }

        if (ended == stopped.Task)
        {
            SayStopping();
            return ExitCode.Ok;
        }

        var which = ended == _server?.Completion ? "server"
            : ended == _agent?.Completion ? "host agent"
            : ended == _gateway?.Completion ? "gateway"
            : "supervisor";
        var cause = ended.Exception?.GetBaseException();
        throw new CliException(
            ExitCode.Failed,
            cause is null
                ? $"the {which} ended by itself"
                : RoleFailure.Explain(cause)?.Message ?? $"the {which} ended: {cause.Message}",
            "the log above says more; start it again",
            cause);
    }

    private IEnumerable<Task> Completions() =>
        ((Task?[])[_server?.Completion, _agent?.Completion, _supervisor?.Completion, _gateway?.Completion])
            .OfType<Task>();

    private void SayStopping() => Say("Stopping (again: at once).");

    private static async Task<T> GuardAsync<T>(Func<Task<T>> start)
    {
        try
        {
            return await start().ConfigureAwait(false);
        }
        catch (Exception error) when (RoleFailure.Explain(error) is not null)
        {
            throw RoleFailure.Explain(error)!;
        }
    }
}
