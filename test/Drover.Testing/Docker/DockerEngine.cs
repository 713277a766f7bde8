using System.Collections.ObjectModel;
using Drover.Runtime.Docker;
using Drover.Runtime.Docker.Containers;

namespace Drover.Testing.Docker;

/// <summary>
/// A real Docker Engine of the test's own, in its own directory, with one image (<see cref="Image"/>) and no way out
/// to the
/// network. Ends with all its containers when disposed; one left behind by a killed test run is swept away by the next.
/// </summary>
public sealed class DockerEngine : IAsyncDisposable
{
    /// <summary>Static busybox with all its applets: the only image there is.</summary>
    public const string Image = "drover-test/busybox:latest";

    /// <summary>Runs until it is asked to stop, and then stops at once.</summary>
    public static readonly IReadOnlyList<string> Idle = Shell(
        "trap 'exit 0' TERM; while :; do sleep 3600 & wait $!; done");

    private readonly DockerDaemon _daemon;

    private DockerEngine(DockerDaemon daemon)
    {
        _daemon = daemon;
        Client = Connect();
    }

    /// <summary>A client of this engine.</summary>
    public DockerClient Client { get; }

    /// <summary>As for DOCKER_HOST.</summary>
    public string Address => $"unix://{SocketPath}";

    public string SocketPath => _daemon.SocketPath;

    /// <summary>Directory that holds everything of this engine; a test may put its own files there.</summary>
    public string Directory => _daemon.Directory;

    /// <summary>Process id of dockerd.</summary>
    public int ProcessId => _daemon.ProcessId;

    /// <summary>Starts one and waits until it answers and has its image.</summary>
    /// <param name="arguments">More arguments for dockerd.</param>
    public static Task<DockerEngine> StartAsync(params string[] arguments) =>
        BeginAsync(DockerDaemon.Create(arguments));

    /// <summary>Starts the engine of another machine.</summary>
    public static Task<DockerEngine> StartInAsync(Network.NetworkNamespace machine) =>
        BeginAsync(DockerDaemon.Create([], machine.Path));

    /// <summary>Starts the engine of another machine with a name of its own, for a node of a Swarm.</summary>
    public static Task<DockerEngine> StartMachineAsync(Network.NetworkNamespace machine) =>
        BeginAsync(DockerDaemon.CreateMachine(machine.Path, machine.Name));

    private static async Task<DockerEngine> BeginAsync(DockerDaemon daemon)
    {
        var engine = new DockerEngine(daemon);
        try
        {
            await engine.StartDaemonAsync();
            await engine.Client.Images.ImportAsync(BusyboxImage.Tar(), Image, CancellationToken.None);
            return engine;
        }
        catch
        {
            await engine.DisposeAsync();
            throw;
        }
    }

    /// <summary>A command line for the container's shell.</summary>
    public static IReadOnlyList<string> Shell(string line) => ["sh", "-c", line];

    /// <summary>Another client of this engine, for the caller to dispose.</summary>
    public DockerClient Connect(DockerClientOptions? options = null, TimeProvider? time = null) =>
        new(DockerEndpoint.Parse(Address), time ?? TimeProvider.System, options);

    /// <summary>Creates and starts a container; gives its id.</summary>
    public async Task<string> RunAsync(
        string name,
        IReadOnlyList<string>? command = null,
        IReadOnlyDictionary<string, string>? labels = null,
        bool tty = false,
        HealthCheck? healthcheck = null,
        HostConfig? host = null)
    {
        var id = await CreateAsync(name, command, labels, tty, healthcheck, host);
        await Client.Containers.StartAsync(id, CancellationToken.None);
        return id;
    }

    /// <summary>Creates a container and does not start it; gives its id.</summary>
    public async Task<string> CreateAsync(
        string name,
        IReadOnlyList<string>? command = null,
        IReadOnlyDictionary<string, string>? labels = null,
        bool tty = false,
        HealthCheck? healthcheck = null,
        HostConfig? host = null)
    {
        var container = new CreateContainer
        {
            Image = Image,
            Cmd = command ?? Idle,
            Labels = labels ?? ReadOnlyDictionary<string, string>.Empty,
            Tty = tty,
            Healthcheck = healthcheck,
            HostConfig = (host ?? new HostConfig()) with { NetworkMode = host?.NetworkMode ?? "none" },
        };
        return (await Client.Containers.CreateAsync(container, name, CancellationToken.None)).Id;
    }

    /// <summary>Removes one container, running or not; one that is gone is fine.</summary>
    public async Task RemoveAsync(string name)
    {
        try
        {
            await Client.Containers.RemoveAsync(name, force: true, volumes: true, CancellationToken.None);
        }
        catch (DockerApiException exception) when (exception.IsNotFound || exception.IsConflict)
        {
            // Gone already, or being removed just now.
        }
    }

    /// <summary>Removes all containers.</summary>
    public async Task RemoveAllAsync()
    {
        foreach (var container in await Client.Containers.ListAsync(CancellationToken.None))
        {
            await RemoveAsync(container.Id);
        }
    }

    /// <summary>Hangs the engine: it accepts connections and answers nothing (SIGSTOP).</summary>
    public void PauseDaemon() => _daemon.Signal("STOP");

    /// <summary>Ends <see cref="PauseDaemon"/>.</summary>
    public void ResumeDaemon() => _daemon.Signal("CONT");

    /// <summary>Stops the engine as an administrator would; its containers end with it.</summary>
    public Task StopDaemonAsync() => _daemon.StopAsync();

    /// <summary>Starts it again on the same data and waits until it answers.</summary>
    public async Task StartDaemonAsync()
    {
        _daemon.Start();
        await _daemon.WaitUntilAsync(
            async cancellationToken =>
            {
                using var client = Connect();
                try
                {
                    await client.System.PingAsync(cancellationToken);
                    return true;
                }
                catch (DockerException)
                {
                    return false;
                }
            });
    }

    public async ValueTask DisposeAsync()
    {
        if (_daemon.IsRunning)
        {
            _daemon.Signal("CONT");
            try
            {
                using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
                foreach (var container in await Client.Containers.ListAsync(patience.Token))
                {
                    await Client.Containers.RemoveAsync(container.Id, force: true, volumes: true, patience.Token);
                }
            }
            catch (Exception exception) when (exception is DockerException or OperationCanceledException)
            {
                // What does not end by itself is ended with the daemon below.
            }
        }

        Client.Dispose();
        await _daemon.DisposeAsync();
    }
}
