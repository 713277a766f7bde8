using Drover.HostAgent.Commands;
using Drover.HostAgent.Engine;
using Drover.HostAgent.Events;
using Drover.HostAgent.Heartbeats;
using Drover.HostAgent.Inventory;
using Drover.HostAgent.LocalApi;
using Drover.HostAgent.Transport;
using Drover.Runtime.Docker;
using Drover.Runtime.Journal;
using Drover.Runtime.Uplink;
using Microsoft.Extensions.Logging;

namespace Drover.HostAgent;

/// <summary>
/// The parts of a running host agent and their loops. Each loop runs for itself, so none can starve another; one that
/// fails has a defect, which ends all of them and is told by <see cref="Completion"/>.
/// </summary>
internal sealed partial class AgentLoops : IAgentWork
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<IDisposable> _parts = [];
    private readonly List<Task> _loops = [];
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ILogger<AgentLoops> _logger;
    private readonly HeartbeatRunner _heartbeats;
    private readonly CommandRunner _commands;
    private readonly LocalView _view;
    private LocalApiServer? _localApi;
    private int _isStopping;

    private AgentLoops(
        HostAgentOptions options, AgentPaths paths, Func<long, Spool, UplinkParts> open,
        DockerClient docker, ILoggerFactory loggers, TimeProvider time)
    {
        _logger = loggers.CreateLogger<AgentLoops>();
        var run = RunNumber.Take(paths.Run, time);
        var spool = Own(Spool.Open(paths.Events, new SpoolOptions(options.EventSpoolBytes)));
        var uplink = Own(Opened(open, run, spool));
        var server = new ServerClient(uplink.Client);
        var forwarder = uplink.Forwarder;
        var engine = new EngineHealth();
        var recorder = Own(new EventRecorder(
            run, LedgerFile.Open(paths.Ledger), spool, forwarder, time, loggers.CreateLogger<EventRecorder>()));
        var sync = Own(
            new InventorySync(run, server, time, HostAgentRole.NewRandom(), loggers.CreateLogger<InventorySync>()));
        var inventory = Own(new InventoryRunner(
            new ContainerReader(docker), sync, options.ReconcileInterval, time, HostAgentRole.NewRandom(),
            loggers.CreateLogger<InventoryRunner>()));
        _heartbeats = Own(uplink.NewHeartbeats(new HostHeartbeat(engine, sync)));
        var watch = new EngineRunner(
            docker, engine, inventory, sync, recorder, options, uplink.Server, loggers.CreateLogger<EngineRunner>());
        _commands = new CommandRunner(
            new CommandRunnerOptions
            {
                Directory = paths.Commands,
                Policy = options.Policy,
                ReportSpoolBytes = options.ReportSpoolBytes,
                Settled = inventory.SettleAsync,
            },
            new ServerCommandChannel(server, run), new DockerContainerEngine(docker), ContainerNormaliser.Normalise,
            time,
            HostAgentRole.NewRandom(),
            (store, dropped) => forwarder.Tell(ReportedEvents.Loss(store, dropped, time.GetUtcNow())), loggers);
        _view = new LocalView(
            options, engine, uplink.Link, uplink.Clock, () => inventory.Picture.Containers.Count, () => spool.Count,
            _commands);

        Begin("heartbeat", _heartbeats.RunAsync);
        Begin("engine", watch.RunAsync);
        Begin("inventory", inventory.RunAsync);
        Begin("inventory sync", sync.RunAsync);
        Begin("event recorder", recorder.RunAsync);
        Begin("event forwarder", forwarder.RunAsync);
        Own(docker);
        _commands.Start();
    }

    /// <inheritdoc/>
    public Uri? LocalApi => _localApi?.Address;

    /// <inheritdoc/>
    public Task Completion => _completion.Task;

    /// <summary>Makes the parts and starts the loops.</summary>
    /// <param name="options">What the agent was told.</param>
    /// <param name="paths">Where it keeps what.</param>
    /// <param name="open">Makes the link to the server for a run and the spool of its events.</param>
    /// <param name="docker">The engine's client; owned from here on.</param>
    /// <param name="loggers">For the person at the terminal.</param>
    /// <param name="time">Paces everything.</param>
    /// <param name="cancellationToken">Gives up.</param>
    internal static async Task<AgentLoops> StartAsync(
        HostAgentOptions options, AgentPaths paths, Func<long, Spool, UplinkParts> open,
        DockerClient docker, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var loops = new AgentLoops(options, paths, open, docker, loggers, time);
        try
        {
            if (options.LocalApiListen is { } listen)
            {
                loops._localApi = await LocalApiServer.StartAsync(listen, loops._view, cancellationToken);
            }

            return loops;
        }
        catch
        {
            await loops.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends the loops in order and says goodbye. A second call waits for the first.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _isStopping, 1) == 0)
        {
            await _commands.StopAsync(cancellationToken);
            await _stopping.CancelAsync();
            await Task.WhenAll(_loops);
            await _heartbeats.SayGoodbyeAsync(cancellationToken);
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
            await Task.WhenAll(_loops);
            _completion.TrySetResult();
        }

        if (_localApi is not null)
        {
            await _localApi.DisposeAsync();
        }

        await _commands.DisposeAsync();
        _parts.Reverse();
        _parts.ForEach(part => part.Dispose());
        _parts.Clear();
        _stopping.Dispose();
    }

    private static UplinkParts Opened(Func<long, Spool, UplinkParts> open, long run, Spool spool)
    {
        try
        {
            return open(run, spool);
        }
        catch
        {
            spool.Dispose();
            throw;
        }
    }

    private T Own<T>(T part)
        where T : IDisposable
    {
        _parts.Add(part);
        return part;
    }

    private void Begin(string name, Func<CancellationToken, Task> loop) =>
        _loops.Add(Task.Run(() => GuardAsync(name, loop)));

    private async Task GuardAsync(string name, Func<CancellationToken, Task> loop)
    {
        try
        {
            await loop(_stopping.Token);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The ordinary end.
        }
        catch (Exception error)
        {
            LogDefect(name, error);
            _completion.TrySetException(error);
            await _stopping.CancelAsync();
        }
    }

    [LoggerMessage(2070, LogLevel.Critical, "the {Loop} loop ended by a defect; the host agent stops")]
    private partial void LogDefect(string loop, Exception error);
}
