using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Drover.Testing.Executable;
using Drover.Testing.Ledger;
using Drover.Testing.Network;
using Drover.Wire.Client;
using Drover.Wire.Commands;
using Drover.Wire.People;

namespace Drover.Faults.Rig;

/// <summary>
/// A server and a host agent as two processes of the published file, a few containers, a person at the server, and the
/// ledger of what that person was told and what the engine says.
/// </summary>
internal sealed class DroverRig : IAsyncDisposable
{
    private static readonly TimeSpan LateNews = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly IRunEngine _engine;
    private readonly string _name;
    private readonly string _folder;
    private readonly int _port;
    private readonly List<AcceptedOrder> _orders = [];
    private DateTimeOffset _begun = DateTimeOffset.MinValue;
    private readonly NetworkNamespace? _far;
    private string _token = "";
    private string _line = "";

    /// <param name="name">Distinguishes this run's containers.</param>
    /// <param name="engine">Owned from here on.</param>
    /// <param name="cancellationToken">Ends all waiting.</param>
    /// <param name="serverData">The server's data directory, where it is not one of the run's own.</param>
    /// <param name="far">The machine of the host agent and its engine, when it is another one.</param>
    public DroverRig(
        string name,
        IRunEngine engine,
        CancellationToken cancellationToken,
        string? serverData = null,
        NetworkNamespace? far = null)
    {
        _far = far;
        _name = name;
        _engine = engine;
        _folder = RigFolder.Make();
        ServerData = serverData ?? Path.Combine(_folder, "server");
        _port = FreePort();

        // Short leases and heartbeats: what a lost process held comes back within a run's time.
        File.WriteAllText(
            Path.Combine(_folder, "drover.yaml"),
            $"server:\n  listen: {(far is null ? "127.0.0.1" : "0.0.0.0")}:{_port}\n"
            + "  heartbeat_interval: 1s\n  command_lease: 5s\n"
            + "host_agent:\n  name: box\n");
        Api = new ServerApi(Path.Combine(ServerData, "server.sock"), cancellationToken);
        Server = new RoleUnderFire("server", fault => Start(engine.Address, fault, ServerData, "server"));
        Agent = new RoleUnderFire(
            "host agent",
            fault => far is null
                ? Start(engine.Address, fault, Path.Combine(_folder, "agent"), AgentArguments)
                : DroverProcess.Paste(
                    _line, far, _folder, Environment(engine.Address, fault, Path.Combine(_folder, "agent"))));
    }

    public ServerApi Api { get; }

    public RoleUnderFire Server { get; }

    public RoleUnderFire Agent { get; }

    public string DatabasePath => Path.Combine(ServerData, "server.db");

    public string ServerData { get; }

    private string[] AgentArguments => ["host-agent", "--server", $"http://127.0.0.1:{_port}"];

    /// <summary>The app code of a container of this run.</summary>
    public string App(string container) => $"{_name}-{container}";

    /// <summary>Server up, token made, host agent on its way.</summary>
    public async Task BeginAsync(string? serverFault, string? agentFault)
    {
        Server.Start();
        if (_far is not null)
        {
            await Api.HostsAsync();
            _line = await AskForLineAsync(_far);
        }
        else
        {
            _token = (await Api.CreateEnrollmentTokenAsync()).Token;
        }

        if (serverFault is not null)
        {
            Server.Kill(serverFault);
            await Api.HostsAsync();
        }

        Agent.Start(agentFault);
    }

    /// <summary>The host agent has seen these containers: from here on everything that happens is news.</summary>
    public async Task KnowsAsync(params IEnumerable<string> containers)
    {
        await Api.KnowsAsync([.. containers.Select(App)]);

        // The server's picture says nothing of the agent's own disk; an event that arrived was in its ledger before.
        await RunJobAsync("first", exitCode: 0);
        await Api.HasEventAsync("container.died", App("first"));
        _begun = DateTimeOffset.UtcNow;
    }

    /// <summary>Starts a container that runs until it is stopped.</summary>
    public Task RunContainerAsync(string container) => _engine.RunAsync(App(container), exitCode: null);

    /// <summary>Runs a container that ends by itself.</summary>
    public Task RunJobAsync(string container, int exitCode) => _engine.RunAsync(App(container), exitCode);

    public Task KillContainerAsync(string container) => _engine.KillAsync(App(container));

    public Task RemoveContainerAsync(string container) => _engine.RemoveAsync(App(container));

    /// <summary>Orders a command until the server accepts it; from then on it is in the ledger.</summary>
    public async Task<string> OrderAsync(string type, string container)
    {
        var commandId = await Api.OrderAsync(Order(type, container));
        Accepted(commandId, type, container);
        return commandId;
    }

    /// <summary>Orders a command once; the problem when the server refuses, null when it is accepted.</summary>
    public async Task<ServerProblemException?> TryOrderAsync(string type, string container)
    {
        var order = Order(type, container);
        var (commandId, problem) = await Api.TryOrderAsync(order);
        if (commandId is not null)
        {
            Accepted(commandId, type, container);
        }

        return problem;
    }

    /// <summary>Orders a command and waits for its end.</summary>
    public async Task OrderToEndAsync(string type, string container) =>
        await Api.WaitForAsync(await OrderAsync(type, container));

    /// <summary>Waits until everything accepted has ended and everything that happened has arrived.</summary>
    public async Task<RunLedger> SettleAsync()
    {
        foreach (var order in _orders)
        {
            await Api.WaitForAsync(order.CommandId);
        }

        // Events come in order but for those that the agent found out after a time away: those come a little later.
        await RunJobAsync("end", exitCode: 0);
        await Api.HasEventAsync("container.died", App("end"));
        var since = Stopwatch.StartNew();
        var ledger = await LedgerAsync();
        while (LedgerChecker.NotYetTold(ledger).Count > 0 && since.Elapsed < LateNews)
        {
            await Task.Delay(Pause);
            ledger = await LedgerAsync();
        }

        return ledger;
    }

    /// <summary>Cuts the server off for good and asks SQLite about its file.</summary>
    public async Task<string> CheckDatabaseAsync()
    {
        await Server.StopAsync("KILL");
        return DatabaseFile.IntegrityOf(DatabasePath);
    }

    /// <summary>
    /// How everything stands when something did not come in time: what has not ended and who has it, when the server
    /// last heard the host, what the engine was asked and has not answered, and what the processes do.
    /// </summary>
    public async Task<string> StandingAsync() => string.Join(
        '\n',
        [
            $"--- at {DateTimeOffset.UtcNow:HH:mm:ss.fff}",
            await Api.HostLineAsync(),
            .. DatabaseFile.UnfinishedOf(DatabasePath),
            .. _engine.Unanswered.Select(request => $"the engine has not answered {request}"),
            .. Server.Standing,
            .. Agent.Standing,
            $"this test run: {ThreadPool.ThreadCount} pool threads, {ThreadPool.PendingWorkItemCount} items wait",
        ]);

    /// <summary>
    /// A second machine with a copy of the host agent's files and an engine of its own; for the caller to dispose.
    /// </summary>
    public DroverProcess StartClone(IRunEngine engine)
    {
        var data = Path.Combine(_folder, "clone");
        Directory.CreateDirectory(data, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.Copy(Path.Combine(_folder, "agent", "agent.json"), Path.Combine(data, "agent.json"));
        return Start(engine.Address, fault: null, data, AgentArguments);
    }

    public async ValueTask DisposeAsync()
    {
        await Agent.DisposeAsync();
        await Server.DisposeAsync();
        await _engine.DisposeAsync();
        Api.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private OrderRequest Order(string type, string container) => new(
        type, null, new CommandParameters { AppCode = App(container) }, TimeoutSeconds: 60,
        RequestId: Guid.NewGuid().ToString());

    private void Accepted(string commandId, string type, string container) =>
        _orders.Add(new AcceptedOrder(commandId, type, App(container)));

    /// <summary>What <c>drover token create</c> prints for the other machine.</summary>
    private async Task<string> AskForLineAsync(NetworkNamespace far)
    {
        await using var create = Start(
            _engine.Address, null, ServerData, "token", "create", "--name", "box",
            "--advertise", $"https://{far.Here}:{_port}");
        return await create.ExitCodeAsync() == 0
            ? create.Out.Trim()
            : throw new InvalidOperationException($"no token was made: {create.Error}");
    }

    private DroverProcess Start(string docker, string? fault, string data, params string[] arguments) =>
        DroverProcess.Start(_folder, Environment(docker, fault, data), arguments);

    private Dictionary<string, string> Environment(string docker, string? fault, string data)
    {
        var environment = new Dictionary<string, string>
        {
            ["HOME"] = _folder,
            ["DROVER_DATA_DIR"] = data,
            ["DOCKER_HOST"] = docker,
        };
        if (_token.Length > 0)
        {
            environment["DROVER_ENROLL_TOKEN"] = _token;
        }

        if (fault is not null)
        {
            environment["DROVER_FAULT"] = fault;
        }

        return environment;
    }

    private async Task<RunLedger> LedgerAsync()
    {
        var whole = new List<CommandDto>();
        foreach (var command in await Api.CommandsAsync())
        {
            whole.Add(await Api.CommandAsync(command.CommandId));
        }

        var events = (await Api.EventsAsync()).Where(IsOurs).ToList();
        return new RunLedger(
            _orders, _engine.Events, _begun, [.. Agent.Outages.Select(Deaf)], whole, events, await Api.HostsAsync(),
            [.. Server.Complaints, .. Agent.Complaints]);
    }

    /// <summary>A real engine has the containers of other runs too, and the host agent tells of them.</summary>
    private bool IsOurs(EventDto told) => !told.Type.StartsWith("container.", StringComparison.Ordinal)
        || told.Subject?.StartsWith($"{_name}-", StringComparison.Ordinal) is true;

    /// <summary>As long as it hears nothing a host agent is away, though its process has begun.</summary>
    private Outage Deaf(Outage away) => away with { Until = _engine.HearsFrom(away.Until ?? away.From) };

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
