using Drover.HostAgent.Commands;
using Drover.HostAgent.Engine;
using Drover.HostAgent.Inventory;
using Drover.HostAgent.LocalApi;
using Drover.Runtime.Docker;
using Drover.Runtime.Docker.Events;
using Drover.Runtime.Tls;
using Drover.Runtime.Uplink.Transport;
using Microsoft.Extensions.Logging;

namespace Drover.HostAgent.Legacy;

/// <summary>
/// The parts of a host agent that serves a server of the older protocol: commands, reports and app status, and nothing
/// else, for that server has nothing else. Owns the client of the Docker Engine.
/// </summary>
internal sealed partial class LegacyLoops : IAgentWork
{
    private static readonly TimeSpan EngineInterval = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly DockerClient _docker;
    private readonly LegacyClient _client;
    private readonly CommandRunner _commands;
    private readonly EngineHealth _engine = new();
    private readonly TimeProvider _time;
    private readonly ILogger<LegacyLoops> _logger;
    private readonly LocalView _view;
    private Task _watch = Task.CompletedTask;
    private LocalApiServer? _localApi;
    private int _isStopping;

    private LegacyLoops(
        HostAgentOptions options, LegacyOptions legacy, AgentPaths paths, HttpClient http, DockerClient docker,
        ILoggerFactory loggers, TimeProvider time)
    {
        (_docker, _time, _logger) = (docker, time, loggers.CreateLogger<LegacyLoops>());
        var server = options.Server!;
        var link = new ServerLink("no poll was answered yet");
        _client = new LegacyClient(
            server,
            legacy,
            LegacyToken.Open(legacy.TokenFile, loggers.CreateLogger<LegacyToken>()),
            http,
            time);
        _commands = new CommandRunner(
            new CommandRunnerOptions
            {
                Directory = paths.LegacyCommands,
                Policy = options.Policy,
                ReportSpoolBytes = options.ReportSpoolBytes,
                IsDeliveredOnce = true,
            },
            new LegacyCommandServer(_client, legacy, link, time), new DockerContainerEngine(docker),
            ContainerNormaliser.Normalise, time, HostAgentRole.NewRandom(), LogLoss, loggers);
        _view = new LocalView(
            options, _engine, link, new ServerClock(time), containers: () => 0, eventsWaiting: () => 0, _commands);
    }

    /// <inheritdoc/>
    public Uri? LocalApi => _localApi?.Address;

    /// <inheritdoc/>
    public Task Completion => _completion.Task;

    /// <summary>Makes the parts and starts the loops.</summary>
    /// <exception cref="HostAgentStartException">
    /// The token's file or the local API's address cannot be used.
    /// </exception>
    internal static async Task<LegacyLoops> StartAsync(
        HostAgentOptions options, LegacyOptions legacy, AgentPaths paths, DockerClient docker, ILoggerFactory loggers,
        TimeProvider time, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var trust = options.Pin is { } pin ? new ServerTrust(pin) : new ServerTrust();
        var http = ServerConnection.Create(options.Server!, trust, time);
        LegacyLoops loops;
        try
        {
            if (legacy.Register)
            {
                var registration = new LegacyRegistration(
                    options, paths.LegacyAgentId, http, docker, time, HostAgentRole.NewRandom(),
                    loggers.CreateLogger<LegacyRegistration>());
                legacy = await registration.EnsureAsync(legacy, cancellationToken);
            }

            loops = new LegacyLoops(options, legacy, paths, http, docker, loggers, time);
        }
        catch
        {
            http.Dispose();
            throw;
        }

        try
        {
            if (options.LocalApiListen is { } listen)
            {
                loops._localApi = await LocalApiServer.StartAsync(listen, loops._view, cancellationToken);
                loops._watch = Task.Run(loops.WatchEngineAsync, CancellationToken.None);
            }

            loops._commands.Start();
            loops.LogStarted(options.Server!, legacy.AgentId);
            return loops;
        }
        catch
        {
            await loops.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _isStopping, 1) == 0)
        {
            await _commands.StopAsync(cancellationToken);
            await _stopping.CancelAsync();
            await _watch;
            _completion.TrySetResult();
        }

        await _completion.Task.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isStopping, 1) == 0)
        {
            await _stopping.CancelAsync();
            await _watch;
            _completion.TrySetResult();
        }

        if (_localApi is not null)
        {
            await _localApi.DisposeAsync();
        }

        await _commands.DisposeAsync();
        _client.Dispose();
        _docker.Dispose();
        _stopping.Dispose();
    }

    /// <summary>For the local API alone: nobody else asks how the engine is before a command does.</summary>
    private async Task WatchEngineAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                _ = await _docker.System.PingAsync(_stopping.Token);
                _engine.State = EngineState.Up;
            }
            catch (DockerException error)
            {
                _engine.State = error is DockerUnavailableException { Failure: DockerFailure.TimedOut }
                    ? EngineState.Hung
                    : EngineState.Down;
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Task.Delay(EngineInterval, _time, _stopping.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(
        2810,
        LogLevel.Information,
        "serves {Server} as agent {AgentId} in the older protocol; the token travels with every request")]
    private partial void LogStarted(Uri server, string agentId);

    [LoggerMessage(2811, LogLevel.Error, "{Dropped} lost of {Store}: the server will never know what came of them")]
    private partial void LogLoss(string store, long dropped);
}
