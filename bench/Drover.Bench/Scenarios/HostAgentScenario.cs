using System.Diagnostics;
using Drover.Testing.Docker;
using Drover.Wire.Commands;
using Drover.Wire.People;

namespace Drover.Bench.Scenarios;

/// <summary>
/// DESIGN 10, host agent row (over loopback), and how fast news travels: server and host agent as two processes, a real
/// engine with 100 containers.
/// </summary>
internal static class HostAgentScenario
{
    private const int Containers = 100;
    private const int Restarts = 100;
    private const int Orders = 200;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(60);

    public static async Task<IReadOnlyList<Figure>> RunAsync(string published, CancellationToken cancellationToken)
    {
        await using var engine = await DockerEngine.StartAsync();
        for (var i = 0; i < Containers; i++)
        {
            await engine.RunAsync(
                $"app-{i:000}",
                labels: new Dictionary<string, string> { ["drover.app"] = $"app-{i:000}", ["tier"] = "bench" });
        }

        using var serverSpace = new Workspace();
        var port = UpScenario.FreePort();
        var serverFile = serverSpace.Configure($"server:\n  listen: 127.0.0.1:{port}\n");
        await using var server = Measured.Start(published, serverSpace.Environment, "server", "--config", serverFile);
        using var api = new ServerApi(serverSpace.Data);
        await ServerApi.UntilAsync(
            async () => await api.ContainersAsync(cancellationToken) is not null,
            TimeSpan.FromSeconds(30),
            "the server's start",
            cancellationToken);

        using var agentSpace = new Workspace();
        var agentFile =
            agentSpace.Configure($"host_agent:\n  server: http://127.0.0.1:{port}\n  docker_host: {engine.Address}\n");
        agentSpace.Environment["DROVER_ENROLL_TOKEN"] = (await api.EnrollmentTokenAsync(cancellationToken)).Token;
        await using var agent = Measured.Start(published, agentSpace.Environment, "host-agent", "--config", agentFile);
        await ServerApi.UntilAsync(
            async () => (await api.ContainersAsync(cancellationToken))!.Items.Count == Containers,
            TimeSpan.FromSeconds(60), "the full inventory", cancellationToken);

        var figures = new List<Figure>();
        figures.AddRange(await FootprintAsync(agent, engine, cancellationToken));
        figures.Add(await EventToApiAsync(engine, api, cancellationToken));
        figures.Add(await OrderToStartAsync(api, cancellationToken));
        return figures;
    }

    private static async Task<IReadOnlyList<Figure>> FootprintAsync(
        Measured agent, DockerEngine engine, CancellationToken cancellationToken)
    {
        var engineBusy = await EngineCpuAsync(engine, cancellationToken);
        var (cpu, started, engineCpu) =
            (agent.CpuSeconds(), Stopwatch.GetTimestamp(), Measured.CpuSeconds(engine.ProcessId));
        var resident = new List<double>();
        var anonymous = new List<double>();
        while (Stopwatch.GetElapsedTime(started) < Window)
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
            new Figure("host agent resident memory, 100 containers", "MB", resident, "max", 60),
            new Figure("host agent anonymous memory, 100 containers", "MB", anonymous, "max", 25),
            new Figure("host agent CPU, 100 containers", "% of a core", [agentPercent], "max", 0.5),
            new Figure("engine CPU while the host agent watches", "% of a core", [enginePercent], "max", 5)
            {
                Peer = "engine CPU under docker stats",
                PeerValue = engineBusy,
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
    /// From the moment the engine gives a container's new start to the moment the server's inventory shows it.
    /// </summary>
    private static async Task<Figure> EventToApiAsync(
        DockerEngine engine, ServerApi api, CancellationToken cancellationToken)
    {
        var samples = new List<double>();
        for (var i = 0; i < Restarts; i++)
        {
            var name = $"app-{i % Containers:000}";
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

        return new Figure("container event to the server's API", "s", samples, "p99", 1);
    }

    /// <summary>
    /// From the server's acceptance of an order to the host's start of it; both stamps from one clock.
    /// </summary>
    private static async Task<Figure> OrderToStartAsync(ServerApi api, CancellationToken cancellationToken)
    {
        var samples = new List<double>();
        for (var i = 0; i < Orders; i++)
        {
            var parameters = new CommandParameters { AppCode = $"app-{i % Containers:000}", IncludeMetrics = false };
            var order =
                await api.OrderAsync(new OrderRequest(CommandTypes.Health, null, parameters), cancellationToken);
            var outcome = await api.OutcomeAsync(order.CommandId, cancellationToken);
            samples.Add((outcome.StartedAt!.Value - outcome.CreatedAt).TotalMilliseconds);
        }

        return new Figure("order to start of execution", "ms", samples, "p99", 100);
    }
}
