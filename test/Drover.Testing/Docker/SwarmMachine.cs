using System.Text;
using Drover.Runtime.Docker;
using Drover.Runtime.Docker.Containers;
using Drover.Runtime.Docker.Networks;
using Drover.Runtime.Docker.Swarm;
using Drover.Testing.Network;

namespace Drover.Testing.Docker;

/// <summary>
/// A real node of a Swarm of the test's own: a machine of its own as far as network, mounts and name go, with a real
/// engine. This process reaches its tasks by their addresses on the node's docker_gwbridge, as a gateway on that node
/// would. Gone with all it ran when disposed.
/// </summary>
public sealed class SwarmMachine : IAsyncDisposable
{
    /// <summary>An overlay network that containers may join, too.</summary>
    public const string Network = "agents";

    /// <summary>The same, encrypted.</summary>
    public const string SealedNetwork = "sealed";

    /// <summary>Where an agent listens.</summary>
    public const int Port = 8081;

    /// <summary>Where an agent listens on its own loopback, for nobody else to reach.</summary>
    public const int PrivatePort = 18800;

    /// <summary>What an agent does, once it has begun.</summary>
    public const string Serve =
        "mkdir -p /www; echo awake >/www/index.html; httpd -p 127.0.0.1:18800 -h /www; exec httpd -f -p 8081 -h /www";

    private const string Spacious =
        "my $s = IO::Socket::INET->new(LocalPort => 8081, Listen => 4096, ReuseAddr => 1) or die; "
        + "while (my $c = $s->accept) { sysread $c, my $request, 8192; "
        + "syswrite $c, \"HTTP/1.1 200 OK\\r\\nContent-Length: 6\\r\\nConnection: close\\r\\n\\r\\nawake\\n\"; "
        + "close $c }";

    private const string Anchor = "anchor";
    private const string Cable = "swarm";
    private const string Bridge = "docker_gwbridge";
    private readonly NetworkNamespace _machine;
    private readonly SwarmMachine? _manager;

    private SwarmMachine(NetworkNamespace machine, DockerEngine engine, SwarmMachine? manager)
    {
        _machine = machine;
        _manager = manager;
        Engine = engine;
    }

    public DockerEngine Engine { get; }

    public DockerClient Client => Engine.Client;

    /// <summary>The node's address, at which ports of its host are reached.</summary>
    public string Address => _machine.There;

    /// <summary>The node's id in the Swarm.</summary>
    public string Id { get; private set; } = "";

    /// <summary>Begins a Swarm; the node is its only manager.</summary>
    public static async Task<SwarmMachine> StartAsync()
    {
        var node = await BeginAsync(manager: null);
        try
        {
            var address = node._machine.There;
            var swarm = new InitSwarm { AdvertiseAddr = address, ListenAddr = $"{address}:2377" };
            node.Id = await node.Client.Swarm.InitAsync(swarm, CancellationToken.None);
            await node.CreateNetworkAsync(Network, isSealed: false);
            await node.CreateNetworkAsync(SealedNetwork, isSealed: true);
            await node.HoldNetworksAsync();
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    /// <summary>Another machine joins the Swarm of a manager as a worker.</summary>
    public static async Task<SwarmMachine> JoinAsync(SwarmMachine manager)
    {
        var node = await BeginAsync(manager);
        try
        {
            node._machine.ConnectTo(manager._machine, Cable);
            var swarm = await manager.Client.Swarm.InspectAsync(CancellationToken.None);
            await node.Client.Swarm.JoinAsync(
                new JoinSwarm
                {
                    AdvertiseAddr = node._machine.There,
                    ListenAddr = $"{node._machine.There}:2377",
                    RemoteAddrs = [$"{manager._machine.There}:2377"],
                    JoinToken = swarm.JoinTokens.Worker,
                },
                CancellationToken.None);
            node.Id = (await node.Client.System.InfoAsync(CancellationToken.None)).Swarm.NodeId;
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    /// <summary>What an agent's service is, for a test to change with <c>with</c>.</summary>
    /// <param name="name">The service's name.</param>
    /// <param name="command">A line for the shell; null: <see cref="Serve"/>.</param>
    public static ServiceSpec Agent(string name, string? command = null) => new()
    {
        Name = name,
        Mode = new ServiceMode { Replicated = new ReplicatedMode { Replicas = 0 } },
        TaskTemplate = new TaskSpec
        {
            ContainerSpec = new ServiceContainer
            {
                Image = DockerEngine.Image,
                Command = DockerEngine.Shell(command ?? Serve),
                // Process 1 of busybox does not listen to anything gentler.
                StopSignal = "SIGKILL",
            },
            RestartPolicy = new TaskRestartPolicy { Condition = "any", Delay = TimeSpan.FromSeconds(1) },
            Networks = [new NetworkAttachment { Target = Network }],
        },
        // The kernel may have no IPVS, which a virtual address would need.
        EndpointSpec = new EndpointSpec { Mode = "dnsrr" },
    };

    /// <summary>
    /// An agent that a thousand may ask at once: busybox has room for nine who wait. It runs this machine's own perl,
    /// which every Debian has.
    /// </summary>
    public static ServiceSpec SpaciousAgent(string name)
    {
        var spec = Agent(name, $"exec chroot /machine perl -MIO::Socket::INET -e '{Spacious}'");
        var container = spec.TaskTemplate.ContainerSpec! with
        {
            Mounts = [new ServiceMount { Type = "bind", Source = "/", Target = "/machine", ReadOnly = true }],
        };
        return spec with { TaskTemplate = spec.TaskTemplate with { ContainerSpec = container } };
    }

    /// <summary>Deploys a service; gives its id.</summary>
    public async Task<string> DeployAsync(ServiceSpec spec, int replicas = 0) =>
        (await Client.Services.CreateAsync(spec.Scaled(replicas), credentials: null, CancellationToken.None)).Id;

    /// <summary>Somebody else scales a service.</summary>
    public async Task ScaleAsync(string service, int replicas)
    {
        while (true)
        {
            var found = await Client.Services.InspectAsync(service, CancellationToken.None);
            try
            {
                await Client.Services.UpdateAsync(
                    found.Id, found.Version, found.Spec.Scaled(replicas), credentials: null, CancellationToken.None);
                return;
            }
            catch (DockerApiException error) when (error.IsStaleVersion)
            {
                // Swarm itself was faster.
            }
        }
    }

    /// <summary>Removes a service; one that is gone is fine.</summary>
    public async Task RemoveAsync(string service)
    {
        try
        {
            await Client.Services.RemoveAsync(service, CancellationToken.None);
        }
        catch (DockerApiException error) when (error.IsNotFound)
        {
            // Gone already.
        }
    }

    /// <summary>Sets what Swarm may do with a node: active, pause or drain. For a manager.</summary>
    public async Task SetAvailabilityAsync(string nodeId, string availability)
    {
        while (true)
        {
            var node = await Client.Nodes.InspectAsync(nodeId, CancellationToken.None);
            try
            {
                await Client.Nodes.UpdateAsync(
                    nodeId, node.Version, node.Spec with { Availability = availability }, CancellationToken.None);
                return;
            }
            catch (DockerApiException error) when (error.IsStaleVersion)
            {
                // Swarm itself was faster.
            }
        }
    }

    /// <summary>Asks an agent for its page from a container that is in the Swarm's networks; gives all that it
    /// said.</summary>
    public async Task<string> GetInNetworkAsync(string address)
    {
        var output = new StringBuilder();
        // The wget of a static busybox does not survive its own option for a time limit.
        var line = $"printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 2 {address} {Port}";
        var command = new CreateExec { Cmd = DockerEngine.Shell(line) };
        var id = await Client.Exec.CreateAsync(Anchor, command, CancellationToken.None);
        await foreach (var each in Client.Exec.StartAsync(id, tty: false, CancellationToken.None))
        {
            output.AppendLine(each.Text);
        }

        return output.ToString();
    }

    /// <summary>Cuts this worker off from its manager.</summary>
    public void PullCable() => _machine.SwitchCable(Cable, isPlugged: false, _manager!._machine);

    /// <summary>Plugs it in again.</summary>
    public void PlugCable() => _machine.SwitchCable(Cable, isPlugged: true, _manager!._machine);

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        _machine.Dispose();
    }

    private static async Task<SwarmMachine> BeginAsync(SwarmMachine? manager)
    {
        var machine = NetworkNamespace.Create();
        try
        {
            var engine = await DockerEngine.StartMachineAsync(machine);
            var node = new SwarmMachine(machine, engine, manager);
            var subnet = $"10.214.{machine.Number}.0/24";

            // Made before the Swarm is, it has addresses that no other Swarm on this machine has, and that this machine
            // can be led to.
            await node.Client.Networks.CreateAsync(
                new CreateNetwork
                {
                    Name = Bridge,
                    Driver = "bridge",
                    AddressPlan = new AddressPlan { Config = [new Subnet { Range = subnet }] },
                    Options = new Dictionary<string, string>
                    {
                        ["com.docker.network.bridge.name"] = Bridge,
                        ["com.docker.network.bridge.enable_icc"] = "false",
                        ["com.docker.network.bridge.enable_ip_masquerade"] = "false",
                    },
                },
                CancellationToken.None);
            machine.RouteTo(subnet);
            return node;
        }
        catch
        {
            machine.Dispose();
            throw;
        }
    }

    /// <summary>
    /// A node takes a network down with the last container in it, and a container that is started in that moment finds
    /// it gone. On a real Swarm the gateway holds the networks of its agents, and wakes are faster for it.
    /// </summary>
    private async Task HoldNetworksAsync()
    {
        var anchor = await Engine.CreateAsync(Anchor, host: new HostConfig { NetworkMode = Network });
        await Client.Networks.ConnectAsync(SealedNetwork, anchor, endpoint: null, CancellationToken.None);
        await Client.Containers.StartAsync(anchor, CancellationToken.None);
    }

    private Task<string> CreateNetworkAsync(string name, bool isSealed) => Client.Networks.CreateAsync(
        new CreateNetwork
        {
            Name = name,
            Driver = "overlay",
            Attachable = true,
            Options = isSealed ? new Dictionary<string, string> { ["encrypted"] = "" } : null,
        },
        CancellationToken.None);
}
