using System.Text;
using System.Text.Json;
using Drover.Commands;
using Drover.Configuration;
using Drover.Core.Trust;
using Drover.HostAgent;
using Drover.Runtime.Files;
using Drover.Runtime.Memory;
using Drover.Server;
using Drover.Supervisor;
using Drover.Supervisor.Control;
using Drover.Terminal;
using Drover.Wire;
using Drover.Wire.Agents;
using Microsoft.Extensions.Logging;

namespace Drover.Roles;

/// <summary>
/// The roles of this process, from start to orderly end. The host agent of <c>drover up</c> talks to the server over a
/// real loopback connection, as every other agent does; only its enrollment token is handed over in memory.
/// </summary>
internal sealed class RoleHost : IAsyncDisposable
{
    private static readonly TimeSpan TokenLife = TimeSpan.FromMinutes(15);
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
    /// For a process whose roles wait nearly all the time: once their start has settled, what only it needed is given
    /// back to the system.
    /// </summary>
    public void GiveBackWhatOnlyTheStartNeeds() => _settling =
        new SettledMemory(_verbs.Time, _loggers.CreateLogger<SettledMemory>()).GiveBackOnceAsync(_ending.Token);

    /// <summary>From now on SIGHUP reads drover.yaml again.</summary>
    public async Task StartSupervisorAsync(CancellationToken cancellationToken)
    {
        var supervisor = await GuardAsync(
            () => SupervisorRole.StartAsync(
                SupervisorSettings.Options(Settings, _verbs.Environment), _loggers, _verbs.Time, cancellationToken))
            .ConfigureAwait(false);
        _supervisor = supervisor;
        _verbs.OnHangUp(() => _ = ReloadAsync(supervisor));
    }

    /// <summary>The options of this machine's own agent, enrolled at the server of this process.</summary>
    public async Task<HostAgentOptions> OwnAgentAsync(CancellationToken cancellationToken)
    {
        var server = _server ?? throw new InvalidOperationException("the server is started first");
        if (Settings.AgentServer is { } named && !IsSame(named, server.Address))
        {
            return HostAgentCommand.Options(Settings, _verbs.Environment);
        }

        var options = Settings.HostAgentOptions() with { Server = server.Address, ServerPin = server.Pin };
        var credentials = options.CredentialsPath ?? Path.Combine(Settings.DataDirectory, "agent.json");
        if (server.FirstRun is not null && File.Exists(credentials))
        {
            // Credentials of a server whose database is gone can never be valid again.
            File.Move(credentials, credentials + ".old", overwrite: true);
            Say($"The server's database is new: the credentials of the one before were moved to {credentials}.old");
        }

        if (IsEnrolled(credentials))
        {
            return options;
        }

        var created = await server
            .CreateEnrollmentTokenAsync(options.Name, TokenLife, "drover up", cancellationToken)
            .ConfigureAwait(false);
        return SecretToken.TryParse(created.Token, SecretToken.EnrollmentPrefix, out var token)
            ? options with { EnrollToken = token }
            : throw new InvalidOperationException("the server made an enrollment token that is none");
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

    /// <summary>The agent first, so that its goodbye still finds the server.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        await _settling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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
        if (_supervisor is not null)
        {
            // As long as the grace of its components takes; a second signal ends the wait, and they go on.
            _verbs.OnHangUp(null);
            if (!_supervisor.Completion.IsFaulted)
            {
                await _supervisor.StopAsync(CancellationToken.None).ConfigureAwait(false);
            }

            await _supervisor.DisposeAsync().ConfigureAwait(false);
        }

        _loggers.Dispose();
    }

    private async Task ReloadAsync(SupervisorRole supervisor)
    {
        try
        {
            await supervisor.ReloadAsync(CancellationToken.None).ConfigureAwait(false);
            Say("drover.yaml was read again");
        }
        catch (ControlException error)
        {
            Say(error.Message);
        }
    }

    /// <summary>Until a signal comes, or a role ends by itself, which is a failure.</summary>
    private async Task<ExitCode> StayAsync(CancellationToken cancellationToken)
    {
        var roles = new List<Task>();
        if (_server is not null)
        {
            roles.Add(_server.Completion);
        }

        if (_agent is not null)
        {
            roles.Add(_agent.Completion);
        }

        if (_supervisor is not null)
        {
            roles.Add(_supervisor.Completion);
        }

        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = cancellationToken.Register(stopped.SetResult);
        var ended = await Task.WhenAny([stopped.Task, .. roles]).ConfigureAwait(false);
        if (ended == stopped.Task)
        {
            SayStopping();
            return ExitCode.Ok;
        }

        if (ended == _supervisor?.Completion && ended.IsCompletedSuccessfully)
        {
            // Ordered by its socket.
            return ExitCode.Ok;
        }

        var which = ended == _server?.Completion ? "server"
            : ended == _agent?.Completion ? "host agent"
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

    /// <summary>localhost, 127.0.0.1 and [::1] are three names of one listener.</summary>
    internal static bool IsSame(Uri named, Uri own) =>
        named.Port == own.Port
        && (named.IsLoopback && own.IsLoopback
            || string.Equals(named.Host, own.Host, StringComparison.OrdinalIgnoreCase));

    private void SayStopping() => Say("Stopping (again: at once).");

    private static bool IsEnrolled(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            return JsonSerializer.Deserialize(file, WireJson.Default.AgentCredentials)
                is { State: AgentCredentials.Enrolled };
        }
        catch (Exception error) when (error is IOException or JsonException or UnauthorizedAccessException)
        {
            // Not there, or not readable as such: the agent itself says what is wrong with it.
            return false;
        }
    }

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
