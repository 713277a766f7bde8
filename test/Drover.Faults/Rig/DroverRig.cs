using System.Net;
using System.Net.Sockets;
using Drover.Faults.Record;
using Drover.Testing.Docker;
using Drover.Testing.Executable;
using Drover.Wire.Commands;
using Drover.Wire.People;

namespace Drover.Faults.Rig;

/// <summary>
/// A server and a host agent as two processes of the published file, a few containers, a person at the server, and the
/// ledger of what that person was told and what the engine says.
/// </summary>
internal sealed class DroverRig : IAsyncDisposable
{
    private readonly DockerEngine _engine;
    private readonly string _folder;
    private readonly int _port;
    private readonly List<AcceptedOrder> _orders = [];
    private readonly List<string> _containers = [];
    private readonly EngineRecord _record;
    private string _token = "";

    public DroverRig(DockerEngine engine, CancellationToken cancellationToken)
    {
        _engine = engine;
        Name = $"r{Guid.NewGuid().ToString("N")[..8]}";
        _folder = Directory.CreateTempSubdirectory("drover-faults-").FullName;
        _port = FreePort();

        // Short leases and heartbeats: what a lost process held comes back within a run's time.
        File.WriteAllText(
            Path.Combine(_folder, "drover.yaml"),
            $"server:\n  listen: 127.0.0.1:{_port}\n  heartbeat_interval: 1s\n  command_lease: 5s\n"
            + "host_agent:\n  name: box\n");
        Api = new ServerApi(Path.Combine(ServerData, "server.sock"), cancellationToken);
        _record = EngineRecord.Start(engine, Name);
        Server = new RoleUnderFire("server", fault => Start(fault, ServerData, "server"));
        Agent = new RoleUnderFire(
            "host agent",
            fault => Start(
                fault, Path.Combine(_folder, "agent"), "host-agent", "--server", $"http://127.0.0.1:{_port}"));
    }

    /// <summary>Distinguishes this run's containers on the shared engine.</summary>
    public string Name { get; }

    public ServerApi Api { get; }

    public RoleUnderFire Server { get; }

    public RoleUnderFire Agent { get; }

    public string ServerData => Path.Combine(_folder, "server");

    /// <summary>The app code of a container of this run.</summary>
    public string App(string container) => $"{Name}-{container}";

    /// <summary>Server up, token made, host agent on its way.</summary>
    public async Task BeginAsync(string? serverFault, string? agentFault)
    {
        Server.Start();
        _token = (await Api.CreateEnrollmentTokenAsync()).Token;
        if (serverFault is not null)
        {
            Server.Kill(serverFault);
            await Api.HostsAsync();
        }

        Agent.Start(agentFault);
    }

    /// <summary>Starts a container that says something now and then and stops at once when asked.</summary>
    public async Task RunContainerAsync(string container, string line = "echo up")
    {
        _containers.Add(App(container));
        await _engine.RunAsync(
            App(container),
            DockerEngine.Shell($"trap 'exit 0' TERM; {line}; while :; do sleep 3600 & wait $!; done"),
            Labels(container));
    }

    /// <summary>Runs a container that ends by itself.</summary>
    public async Task RunJobAsync(string container, int exitCode)
    {
        _containers.Add(App(container));
        await _engine.RunAsync(App(container), DockerEngine.Shell($"exit {exitCode}"), Labels(container));
    }

    public Task KillContainerAsync(string container) =>
        _engine.Client.Containers.KillAsync(App(container), "KILL", CancellationToken.None);

    public Task RemoveContainerAsync(string container) => _engine.RemoveAsync(App(container));

    /// <summary>Orders a command until the server accepts it; from then on it is in the ledger.</summary>
    public async Task<string> OrderAsync(string type, string container)
    {
        var requestId = Guid.NewGuid().ToString();
        var order = new OrderRequest(
            type, null, new CommandParameters { AppCode = App(container) }, TimeoutSeconds: 60, RequestId: requestId);
        var commandId = await Api.OrderAsync(order);
        lock (_orders)
        {
            _orders.Add(new AcceptedOrder(commandId, type, App(container)));
        }

        return commandId;
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

        // Events come in order: when that of the last container is there, so are all before it.
        await RunJobAsync("end", exitCode: 0);
        await Api.HasEventAsync("container.died", App("end"));
        var commands = await Api.CommandsAsync();
        var whole = new List<CommandDto>();
        foreach (var command in commands)
        {
            whole.Add(await Api.CommandAsync(command.CommandId));
        }

        return new RunLedger(
            _orders, _record.Events, Agent.Outages, whole, await Api.EventsAsync(), await Api.HostsAsync(),
            [.. Server.Complaints, .. Agent.Complaints]);
    }

    /// <summary>Cuts the server off for good and asks SQLite about its file.</summary>
    public async Task<string> CheckDatabaseAsync()
    {
        await Server.StopAsync("KILL");
        return DatabaseFile.IntegrityOf(Path.Combine(ServerData, "server.db"));
    }

    public async ValueTask DisposeAsync()
    {
        await Agent.DisposeAsync();
        await Server.DisposeAsync();
        await _record.DisposeAsync();
        foreach (var container in _containers)
        {
            await _engine.RemoveAsync(container);
        }

        Api.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private DroverProcess Start(string? fault, string data, params string[] arguments)
    {
        var environment = new Dictionary<string, string>
        {
            ["HOME"] = _folder,
            ["DROVER_DATA_DIR"] = data,
            ["DROVER_ENROLL_TOKEN"] = _token,
            ["DOCKER_HOST"] = _engine.Address,
        };
        if (fault is not null)
        {
            environment["DROVER_FAULT"] = fault;
        }

        return DroverProcess.Start(_folder, environment, arguments);
    }

    private Dictionary<string, string> Labels(string container) => new()
    {
        ["drover.app"] = App(container),
        [EngineRecord.Label] = Name,
    };

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
