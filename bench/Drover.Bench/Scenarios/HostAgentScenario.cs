using System.Diagnostics;
using Drover.Testing.Docker;
using Drover.Wire.Commands;
using Drover.Wire.People;

namespace Drover.Bench.Scenarios;

/// <summary>
/// DESIGN 10, host agent row (over TLS with a pinned certificate), and how fast news travels: server and host agent as
/// two processes, a real engine with 100 containers.
/// </summary>
internal static class HostAgentScenario
{
    public static async Task<IReadOnlyList<Figure>> RunAsync(
        string published, Scale scale, CancellationToken cancellationToken)
    {
        await using var engine = await DockerEngine.StartAsync();
        for (var i = 0; i < scale.Containers; i++)
        {
            await engine.RunAsync(
                $"app-{i:000}",
                labels: new Dictionary<string, string> { ["drover.app"] = $"app-{i:000}", ["tier"] = "bench" });
        }

        using var serverSpace = new Workspace();
        var port = UpScenario.FreePort();
        var serverFile = serverSpace.Configure(
            $"server:\n  listen: 127.0.0.1:{port}\n  tls:\n    enabled: true\n");
        await using var server = Measured.Start(published, serverSpace.Environment, "server", "--config", serverFile);
        using var api = new ServerApi(serverSpace.Data);
        await ServerApi.UntilAsync(
            async () => await api.ContainersAsync(cancellationToken) is not null,
            TimeSpan.FromSeconds(30),
            "the server's start",
            cancellationToken);

        using var agentSpace = new Workspace();
        var token = await api.EnrollmentTokenAsync(cancellationToken);
        var agentFile = agentSpace.Configure($"""
            host_agent:
              server: https://127.0.0.1:{port}
              server_pin: {token.Join!.Pin}
              docker_host: {engine.Address}
            """);
        agentSpace.Environment["DROVER_ENROLL_TOKEN"] = token.Token;

        // As its unit and its image start it (docs/decisions/0045).
        agentSpace.Environment["DOTNET_TieredCompilation"] = "0";
        agentSpace.Environment["DOTNET_GCgen0size"] = "200000";
        await using var agent = Measured.Start(published, agentSpace.Environment, "host-agent", "--config", agentFile);
        await ServerApi.UntilAsync(
            async () => (await api.ContainersAsync(cancellationToken))!.Items.Count == scale.Containers,
            TimeSpan.FromSeconds(60), "the full inventory", cancellationToken);

        var figures = new List<Figure>();
        figures.AddRange(await FootprintAsync(agent, engine, scale, cancellationToken));
        figures.Add(await EventToApiAsync(engine, api, scale, cancellationToken));
        figures.Add(await OrderToStartAsync(api, scale, cancellationToken));
        figures.Add(await RestartAsync(engine, api, scale, cancellationToken));
        return figures;
    }

    private static async Task<IReadOnlyList<Figure>> FootprintAsync(
        Measured agent, DockerEngine engine, Scale scale, CancellationToken cancellationToken)
    {
        var engineBusy = await EngineCpuAsync(engine, cancellationToken);

        // What only the start needed is given back 70 s after it (docs/decisions/0053); the days after that look alike.
        await Task.Delay(scale.Settling, cancellationToken);
        var (cpu, started, engineCpu) =
            (agent.CpuSeconds(), Stopwatch.GetTimestamp(), Measured.CpuSeconds(engine.ProcessId));
        var resident = new List<double>();
        var anonymous = new List<double>();
        while (Stopwatch.GetElapsedTime(started) < scale.Window)
        {
            await Task.Delay(1000, cancellationToken);
            var memory = agent.Memory();
            resident.Add(memory.Resident);
            anonymous.Add(memory.Anonymous);
        }

        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var agentPercent = 100 * (agent.CpuSeconds() - cpu) / seconds;
        var enginePercent = 100 * (Measured.CpuSeconds(engine.ProcessId) - engineCpu) / seconds;
        return
        [
            new Figure($"host agent resident memory, {scale.Containers} containers", "MB", resident, "max", 60),
            new Figure($"host agent anonymous memory, {scale.Containers} containers", "MB", anonymous, "max", 25),
            new Figure($"host agent CPU, {scale.Containers} containers", "% of a core", [agentPercent], "max", 0.5),
            new Figure("engine CPU while the host agent watches", "% of a core", [enginePercent], "max", 5)
            {
                Peers = [new PeerFigure("engine CPU under docker stats", engineBusy)],
            },
        ];
    }

    /// <summary>
    /// What the engine spends while `docker stats`, the usual way to watch containers, runs on the same ones.
    /// </summary>
    private static async Task<double> EngineCpuAsync(DockerEngine engine, CancellationToken cancellationToken)
    {
        var environment = new Dictionary<string, string> { ["DOCKER_HOST"] = engine.Address };
        await using var stats = Measured.Start("docker", environment, "stats", "--format", "{{.CPUPerc}}");
        await Task.Delay(5000, cancellationToken);
        var (cpu, started) = (Measured.CpuSeconds(engine.ProcessId), Stopwatch.GetTimestamp());
        await Task.Delay(20_000, cancellationToken);
        return 100 * (Measured.CpuSeconds(engine.ProcessId) - cpu) / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>
    /// From the moment the engine gives a container's new start to the moment the server's inventory shows it; beside
    /// it, to the moment <c>docker events</c> prints it.
    /// </summary>
    private static async Task<Figure> EventToApiAsync(
        DockerEngine engine, ServerApi api, Scale scale, CancellationToken cancellationToken)
    {
        var samples = new List<double>();
        await using var printed = DockerEventsPeer.Start(engine);
        for (var i = 0; i < scale.Restarts; i++)
        {
            var name = $"app-{i % scale.Containers:000}";
            await engine.Client.Containers.RestartAsync(name, TimeSpan.FromSeconds(1), cancellationToken);
            var inspected = await engine.Client.Containers.InspectAsync(name, cancellationToken);
            var startedAt = DateTimeOffset.Parse(
                inspected.State.StartedAt.ToString()!, System.Globalization.CultureInfo.InvariantCulture);
            await ServerApi.UntilAsync(
                async () => (await api.ContainersAsync(cancellationToken))!.Items.Any(item =>
                    item.Container.Name == name
                    && item.Container.StartedAt is { } shown
                    && DateTimeOffset.Parse(shown, System.Globalization.CultureInfo.InvariantCulture) >= startedAt),
                TimeSpan.FromSeconds(20), $"the restart of {name}", cancellationToken);
            samples.Add((TimeProvider.System.GetUtcNow() - startedAt).TotalSeconds);
        }

        return new Figure("container event to the server's API", "s", samples, "p99", 1)
        {
            Peers = printed.P99Seconds is { } seconds ? [new PeerFigure("docker events", seconds)] : [],
        };
    }

    /// <summary>
    /// From the server's acceptance of an order to the host's start of it; both stamps from one clock.
    /// </summary>
    private static async Task<Figure> OrderToStartAsync(
        ServerApi api, Scale scale, CancellationToken cancellationToken)
    {
        var samples = new List<double>();
        for (var i = 0; i < scale.Orders; i++)
        {
            var name = $"app-{i % scale.Containers:000}";
            var parameters = new CommandParameters { AppCode = name, IncludeMetrics = false };
            var order =
                await api.OrderAsync(new OrderRequest(CommandTypes.Health, null, parameters), cancellationToken);
            var outcome = await api.OutcomeAsync(order.CommandId, cancellationToken);
            samples.Add((outcome.StartedAt!.Value - outcome.CreatedAt).TotalMilliseconds);
        }

        return new Figure("order to start of execution", "ms", samples, "p99", 100);
    }

    /// <summary>From the order to its reported outcome, in turn with the engine's own client.</summary>
    private static async Task<Figure> RestartAsync(
        DockerEngine engine, ServerApi api, Scale scale, CancellationToken cancellationToken)
    {
        var ours = new List<double>();
        var peers = new List<double>();
        for (var i = 0; i < Math.Min(scale.Restarts, 30); i++)
        {
            var name = $"app-{i % scale.Containers:000}";
            var began = Stopwatch.GetTimestamp();
            var parameters = new CommandParameters { AppCode = name, StopTimeout = 1 };
            var order =
                await api.OrderAsync(new OrderRequest(CommandTypes.Restart, null, parameters), cancellationToken);
            await api.OutcomeAsync(order.CommandId, cancellationToken);
            ours.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            peers.Add(await Measured.TimeAsync("docker", "--host", engine.Address, "restart", "--time", "1", name));
        }

        return new Figure("order of a restart to its outcome", "ms", ours, "median", 2000)
        {
            Peers = [new PeerFigure("docker restart", Figure.Summary(peers, "median"))],
        };
    }
}
