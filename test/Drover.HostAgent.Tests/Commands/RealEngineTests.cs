using System.Globalization;
using System.Text.Json;
using Drover.HostAgent.Commands;
using Drover.HostAgent.Inventory;
using Drover.Runtime.Docker.Containers;
using Drover.Runtime.Docker.Networks;
using Drover.Testing.Agents;
using Drover.Testing.Docker;
using Drover.Wire;
using Drover.Wire.Commands;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.HostAgent.Tests.Commands;

/// <summary>The commands against a real Docker Engine.</summary>
public sealed class RealEngineTests(SharedDockerEngine shared) : IClassFixture<SharedDockerEngine>, IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();
    private readonly ScriptedServer _server = new();
    private DockerEngine _engine = null!;
    private CommandRunner _runner = null!;

    public async ValueTask InitializeAsync()
    {
        _engine = await shared.GetAsync();
        _runner = new CommandRunner(
            new CommandRunnerOptions { Directory = _directory.File("commands") },
            _server,
            new DockerContainerEngine(_engine.Client),
            ContainerNormaliser.Normalise,
            TimeProvider.System,
            new Random(1),
            (_, _) => { },
            NullLoggerFactory.Instance);
        _runner.Start();
    }

    public async ValueTask DisposeAsync()
    {
        await _runner.DisposeAsync();
        await _engine.RemoveAllAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task Health_reads_state_processor_and_memory_from_cgroups_and_proc()
    {
        await _engine.RunAsync(
            "web", DockerEngine.Shell("while :; do :; done"), host: new HostConfig { MemoryBytes = 64 << 20 });

        var result = CommandRig.Health(await ExecuteAsync("health", """{"app_code":"web"}"""));

        Assert.Equal(("ok", "running"), (result.Status, result.ContainerState));
        Assert.InRange(result.Metrics!.CpuPct!.Value, 5, 110);
        Assert.InRange(result.Metrics.MemUsageMb!.Value, 0.01, 64);
        Assert.Equal(64 << 20, result.Metrics.MemLimitBytes);
        Assert.InRange(result.Metrics.MemPct!.Value, 0.01, 100);
        Assert.NotNull(result.Metrics.RxBytes);
    }

    [Fact]
    public async Task Health_of_a_paused_created_and_exited_container()
    {
        await _engine.RunAsync("paused");
        await _engine.Client.Containers.PauseAsync("paused", TestContext.Current.CancellationToken);
        await _engine.CreateAsync("created");
        var exited = await _engine.RunAsync("exited", DockerEngine.Shell("exit 3"));
        await _engine.Client.Containers.WaitAsync(
            exited, WaitCondition.NotRunning, TestContext.Current.CancellationToken);

        (string, string)[] states = [("paused", "unknown"), ("created", "starting"), ("exited", "exited")];
        foreach (var (name, state) in states)
        {
            var report = await ExecuteAsync("health", $$"""{"app_code":"{{name}}"}""");
            Assert.Equal(state, CommandRig.Health(report).ContainerState);
        }

        await _engine.Client.Containers.UnpauseAsync("paused", TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Restart_by_app_code_starts_a_new_run_and_reports_the_new_state()
    {
        var id = await _engine.RunAsync(
            "shop-web-1", labels: new Dictionary<string, string> { ["com.docker.compose.service"] = "web" });
        var before = await _engine.Client.Containers.InspectAsync(id, TestContext.Current.CancellationToken);

        var report = await ExecuteAsync("restart", """{"app_code":"web","stop_timeout":5}""");

        var after = await _engine.Client.Containers.InspectAsync(id, TestContext.Current.CancellationToken);
        Assert.Equal((ReportRequest.Success, "running"), (report.Status, CommandRig.Action(report).ContainerState));
        Assert.True(after.State.StartedAt > before.State.StartedAt);
    }

    [Fact]
    public async Task Stop_and_start_report_the_new_state()
    {
        await _engine.RunAsync("web");

        Assert.Equal("exited", CommandRig.Action(await ExecuteAsync("stop", """{"app_code":"web"}""")).ContainerState);
        Assert.Equal(
            "running", CommandRig.Action(await ExecuteAsync("start", """{"app_code":"web"}""")).ContainerState);
    }

    [Fact]
    public async Task A_start_that_the_engine_refuses_reports_errors()
    {
        await _engine.CreateAsync("web", ["/no/such/program"]);

        var report = await ExecuteAsync("start", """{"app_code":"web"}""");

        Assert.Equal((ReportRequest.Failed, CommandErrors.StartFailed), (report.Status, report.Errors![0].Code));
        Assert.Contains("/no/such/program", report.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_of_a_real_log_of_both_streams_lose_and_repeat_nothing()
    {
        const int Lines = 1500;
        var id = await _engine.RunAsync(
            "web",
            DockerEngine.Shell(
                $"i=0; while [ $i -lt {Lines} ]; do echo line $i; i=$((i+1)); echo line $i >&2; i=$((i+1)); done"));
        await _engine.Client.Containers.WaitAsync(id, WaitCondition.NotRunning, TestContext.Current.CancellationToken);

        var seen = new List<string>();
        var parameters = """{"app_code":"web","limit":97,"since":"2020-01-01T00:00:00Z"}""";
        LogsResult page;
        do
        {
            page = CommandRig.Logs(await ExecuteAsync("logs", parameters));
            seen.AddRange(page.Lines.Select(line => line.Message));
            parameters = $$"""{"app_code":"web","limit":97,"cursor":"{{page.Cursor}}"}""";
        }
        while (page.Truncated);

        Assert.Equal(Enumerable.Range(0, Lines).Select(number => $"line {number}").Order(), seen.Order());
        Assert.Empty(CommandRig.Logs(await ExecuteAsync("logs", parameters)).Lines);
        var newest = CommandRig.Logs(await ExecuteAsync("logs", """{"app_code":"web"}"""));
        Assert.Equal((400, true), (newest.Lines.Count, newest.Truncated));
        var errors =
            CommandRig.Logs(await ExecuteAsync("logs", """{"app_code":"web","limit":1000,"streams":["stderr"]}"""));
        Assert.Equal((750, false), (errors.Lines.Count, errors.Truncated));
    }

    [Fact]
    public async Task A_real_log_that_is_rotated_while_it_is_read_repeats_nothing_and_keeps_its_order()
    {
        var host = new HostConfig
        {
            LogConfig = new LogConfig
            {
                Type = "json-file",
                Config = new Dictionary<string, string> { ["max-size"] = "20k", ["max-file"] = "3" },
            },
        };
        await _engine.RunAsync(
            "web", DockerEngine.Shell("i=100000; while :; do echo line $i; i=$((i+1)); done"), host: host);

        var seen = new List<string>();
        var parameters = """{"app_code":"web","limit":50}""";
        for (var count = 0; count < 40; count++)
        {
            var page = CommandRig.Logs(await ExecuteAsync("logs", parameters));
            seen.AddRange(page.Lines.Select(line => line.Message));
            parameters = $$"""{"app_code":"web","limit":50,"cursor":"{{page.Cursor}}"}""";
        }

        Assert.True(seen.Count > 100, $"{seen.Count} lines");
        Assert.Equal(seen.Distinct().Order(StringComparer.Ordinal), seen);
    }

    [Fact]
    public async Task Logs_of_a_real_terminal_are_stdout()
    {
        var id = await _engine.RunAsync("web", DockerEngine.Shell("echo out; echo err >&2"), tty: true);
        await _engine.Client.Containers.WaitAsync(id, WaitCondition.NotRunning, TestContext.Current.CancellationToken);

        var lines = CommandRig.Logs(await ExecuteAsync("logs", """{"app_code":"web"}""")).Lines;

        Assert.Equal([("stdout", "out"), ("stdout", "err")], lines.Select(line => (line.Stream, line.Message)));
    }

    [Fact]
    public async Task A_follow_goes_on_over_a_real_restart()
    {
        await _engine.RunAsync(
            "web", DockerEngine.Shell("trap 'exit 0' TERM; echo started; while :; do sleep 1 & wait $!; done"));
        _server.Watch(new StreamRequestDto("s1", "web", null, null, 10, null));
        await CommandRig.UntilAsync(
            () => _server.Uploads.TryGetValue("s1", out var upload) && upload.Lines.Count == 1, "a first line");

        await ExecuteAsync("restart", """{"app_code":"web"}""");

        await CommandRig.UntilAsync(() => _server.Uploads["s1"].Lines.Count == 2, "a line of the second run");
        Assert.All(_server.Uploads["s1"].Lines, line => Assert.Equal("started", line.Message));
    }

    [Fact]
    public async Task List_gives_every_field_of_the_appendix_of_a_real_container()
    {
        var token = TestContext.Current.CancellationToken;
        var network = await _engine.Client.Networks.CreateAsync(
            new CreateNetwork
            {
                Name = "front",
                Internal = true,
                AddressPlan = new AddressPlan { Config = [new Subnet { Range = "10.213.8.0/24" }] },
            },
            token);
        var created = new CreateContainer
        {
            Image = DockerEngine.Image,
            Cmd = DockerEngine.Idle,
            Labels = new Dictionary<string, string> { ["drover.app"] = "shop", ["api.key"] = "abc" },
            ExposedPorts = new Dictionary<string, EmptyObject> { ["80/tcp"] = new() },
            HostConfig = new HostConfig { NetworkMode = "front", Binds = ["/etc:/config:ro", "data:/data"] },
        };
        var id = (await _engine.Client.Containers.CreateAsync(created, "web", token)).Id;
        await _engine.Client.Containers.StartAsync(id, token);

        var report = await ExecuteAsync("list");

        var container = Assert.Single(report.Result!.Value.GetProperty("containers").EnumerateArray())
            .Deserialize(WireJson.Default.ContainerDto)!;
        Assert.Equal((id, "web", DockerEngine.Image), (container.DockerId, container.Name, container.Image));
        Assert.StartsWith("sha256:", container.ImageId, StringComparison.Ordinal);
        Assert.StartsWith("sh -c", container.Command, StringComparison.Ordinal);
        Assert.Equal(("running", "Up", 0), (container.State, container.Status, container.RestartCount));
        Assert.Equal(("80/tcp", (int?)null), container.Ports.Select(port => (port.Key, port.Value)).Single());
        Assert.Equal(("shop", "***"), (container.Labels["drover.app"], container.Labels["api.key"]));
        Assert.StartsWith("10.213.8.", container.Networks["front"], StringComparison.Ordinal);
        Assert.Equal(["/etc:/config:ro", "data:/data"], container.Volumes.Order());
        Assert.True(DateTimeOffset.Parse(container.CreatedAt!, CultureInfo.InvariantCulture)
            <= DateTimeOffset.Parse(container.StartedAt!, CultureInfo.InvariantCulture));
        await _engine.RemoveAsync(id);
        await _engine.Client.Networks.RemoveAsync(network, token);
    }

    private async Task<ReportRequest> ExecuteAsync(string type, string parameters = "{}")
    {
        var report = await ReportOfAsync(_server.Deliver(type, parameters));
        ReportSchema.Check(type, report);
        return report;
    }

    private async Task<ReportRequest> ReportOfAsync(CommandDto command)
    {
        await CommandRig.UntilAsync(
            () => _server.Reports.Any(report => report.CommandId == command.CommandId), "a report");
        return _server.Reports.First(report => report.CommandId == command.CommandId);
    }
}
