using System.Collections.Concurrent;
using Drover.Core.Components;
using Drover.Runtime.Docker.Containers;
using Drover.Supervisor.Components;
using Drover.Supervisor.Containers;
using Drover.Supervisor.Documents;
using Drover.Supervisor.State;
using Drover.Testing.Agents;
using Drover.Testing.Docker;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.Supervisor.Tests.Containers;

/// <summary>A driver of one container on a real engine, and what it reports. The container goes with it.</summary>
internal sealed class ContainerBench : IInstanceReports, IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly ConcurrentQueue<string> _reports = new();
    private readonly List<ContainerDriver> _drivers = [];
    private readonly DockerEngine _engine;

    public ContainerBench(DockerEngine engine, string name, params string[] command)
    {
        _engine = engine;
        Launch = new ContainerLaunch
        {
            Image = DockerEngine.Image,
            ContainerName = name,
            Network = "none",
            Command = command.Length > 0 ? command : DockerEngine.Idle,
        };
        Driver = Again();
    }

    /// <summary>What the file says.</summary>
    public ContainerLaunch Launch { get; set; }

    public ContainerDriver Driver { get; private set; }

    public InstanceRecord? Record { get; private set; }

    /// <summary>Everything reported, in order.</summary>
    public IReadOnlyList<string> Reports => [.. _reports];

    public string SecretsDirectory => Path.Combine(_directory.Path, "secrets", Launch.ContainerName);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The driver of the next supervisor of the same directory.</summary>
    public ContainerDriver Again()
    {
        var parts = new ContainerDriverParts
        {
            Component = "runner",
            SupervisorId = $"test-{_directory.Path}",
            Docker = () => _engine.Client,
            SecretsDirectory = SecretsDirectory,
            Clock = new MonotonicClock(TimeProvider.System),
            Logger = NullLogger.Instance,
        };
        Driver = new ContainerDriver(parts, () => Launch, () => "digest", this);
        _drivers.Add(Driver);
        return Driver;
    }

    /// <summary>Launches and waits for the report.</summary>
    public async Task<string> LaunchAsync(long instance)
    {
        Driver.Launch(instance);
        return await UntilAsync(instance, "launch");
    }

    /// <summary>Waits for the report of an instance that begins with that word.</summary>
    public async Task<string> UntilAsync(long instance, string word)
    {
        string? found = null;
        await Eventually.TrueAsync(
            () => Task.FromResult((found = Reports.FirstOrDefault(
                report => report.StartsWith($"{instance} {word}", StringComparison.Ordinal))) is not null),
            $"{instance} {word}, had: {string.Join("; ", Reports)}",
            Token);
        return found!;
    }

    public Task<ContainerInspect> InspectAsync() =>
        _engine.Client.Containers.InspectAsync(Launch.ContainerName, Token);

    /// <summary>What a command in the container says.</summary>
    public async Task<string> RunInAsync(string line, string? user = null)
    {
        var exec = await _engine.Client.Exec.CreateAsync(
            Launch.ContainerName, new CreateExec { Cmd = DockerEngine.Shell(line), User = user }, Token);
        var said = new List<string>();
        await foreach (var output in _engine.Client.Exec.StartAsync(exec, tty: false, Token))
        {
            said.Add(output.Text);
        }

        return string.Join('\n', said);
    }

    public void Launched(long instance, InstanceRecord record)
    {
        Record = record;
        _reports.Enqueue($"{instance} launched");
    }

    public void LaunchFailed(long instance, EndCause cause) =>
        _reports.Enqueue($"{instance} launch failed: {cause.Word}: {cause.Message}");

    public void Ending(long instance, EndCause cause) =>
        _reports.Enqueue($"{instance} ending: {cause.Word}: {cause.Message}");

    public void Exited(long instance, EndCause cause) =>
        _reports.Enqueue($"{instance} exited: {cause.Word}: {cause.Message}");

    public void Objected(long instance, string sentence) => _reports.Enqueue($"{instance} objected: {sentence}");

    public void Survived(long instance, string survivors) => _reports.Enqueue($"{instance} survived: {survivors}");

    public void Unseen(long instance, string? why) =>
        _reports.Enqueue($"{instance} {(why is null ? "seen" : "unseen: " + why)}");

    public async ValueTask DisposeAsync()
    {
        foreach (var driver in _drivers)
        {
            await driver.DisposeAsync();
        }

        await _engine.RemoveAsync(Launch.ContainerName);
        _directory.Dispose();
    }
}
