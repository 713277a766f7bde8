using System.Text.Json;
using Drover.HostAgent.Commands;
using Drover.HostAgent.Inventory;
using Drover.Runtime.Docker;
using Drover.Testing.Agents;
using Drover.Testing.Docker;
using Drover.Testing.Time;
using Drover.Wire;
using Drover.Wire.Commands;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.HostAgent.Tests.Commands;

/// <summary>
/// A command runner between a scripted server and a fake engine, with a clock that the test moves and a disk that
/// outlives the runner.
/// </summary>
internal sealed class CommandRig : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly DockerClient _client;
    private CommandRunner? _runner;

    private CommandRig(FakeDockerEngine docker)
    {
        Docker = docker;
        _client = docker.Connect();
        Engine = new HookedEngine(new DockerContainerEngine(_client));
    }

    public FakeDockerEngine Docker { get; }

    public HookedEngine Engine { get; }

    public ScriptedServer Server { get; set; } = new();

    public FakeClock Clock { get; } = new();

    public HostPolicy Policy { get; set; } = new();

    public Func<string, CancellationToken, Task>? Settled { get; set; }

    public long ReportSpoolBytes { get; set; } = 64L << 20;

    public List<string> Losses { get; } = [];

    public CommandRunner Runner => _runner ?? throw new InvalidOperationException("not started");

    public static async Task<CommandRig> CreateAsync() => new(await FakeDockerEngine.StartNewAsync());

    public CommandRig Start()
    {
        _runner = new CommandRunner(
            new CommandRunnerOptions
            {
                Directory = _directory.File("commands"),
                Policy = Policy,
                ReportSpoolBytes = ReportSpoolBytes,
                Settled = Settled,
            },
            Server,
            Engine,
            ContainerNormaliser.Normalise,
            Clock,
            new Random(1),
            (store, dropped) => Losses.Add($"{store}: {dropped}"),
            NullLoggerFactory.Instance);
        _runner.Start();
        return this;
    }

    /// <summary>Stops as SIGTERM does.</summary>
    public async Task StopAsync()
    {
        await Runner.DisposeAsync();
        _runner = null;
    }

    /// <summary>Another process would find this on disk had this one been killed now.</summary>
    public string CopyOfDisk()
    {
        var copy = _directory.File("copy");
        CopyTree(_directory.File("commands"), copy);
        return copy;
    }

    /// <summary>Puts a copied disk in place of the present one.</summary>
    public void RestoreDisk(string copy)
    {
        Directory.Delete(_directory.File("commands"), recursive: true);
        CopyTree(copy, _directory.File("commands"));
    }

    /// <summary>Delivers a command and gives its report, which must fit the schema.</summary>
    public async Task<ReportRequest> ExecuteAsync(string type, string parameters = "{}")
    {
        var command = Server.Deliver(type, parameters);
        var report = await ReportOfAsync(command.CommandId);
        ReportSchema.Check(type, report);
        return report;
    }

    public async Task<ReportRequest> ReportOfAsync(string commandId)
    {
        await UntilAsync(() => Server.Reports.Any(report => report.CommandId == commandId), $"a report of {commandId}");
        return Server.Reports.First(report => report.CommandId == commandId);
    }

    public static Task UntilAsync(Func<bool> condition, string what) =>
        Eventually.TrueAsync(() => Task.FromResult(condition()), what, TestContext.Current.CancellationToken);

    public static HealthResult Health(ReportRequest report) =>
        report.Result!.Value.Deserialize(WireJson.Default.HealthResult)!;

    public static LogsResult Logs(ReportRequest report) =>
        report.Result!.Value.Deserialize(WireJson.Default.LogsResult)!;

    public static ActionResult Action(ReportRequest report) =>
        report.Result!.Value.Deserialize(WireJson.Default.ActionResult)!;

    public async ValueTask DisposeAsync()
    {
        if (_runner is not null)
        {
            await StopAsync();
        }

        _client.Dispose();
        await Docker.DisposeAsync();
        _directory.Dispose();
    }

    private static void CopyTree(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var directory in Directory.GetDirectories(from))
        {
            CopyTree(directory, Path.Combine(to, Path.GetFileName(directory)));
        }

        foreach (var file in Directory.GetFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)), overwrite: true);
        }
    }
}
