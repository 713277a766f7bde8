using System.Diagnostics;
using System.Globalization;
using System.Net;
using Drover.Bench.Proxies;
using Drover.Runtime.Docker;
using Drover.Testing.Docker;

namespace Drover.Bench.Scenarios;

/// <summary>
/// How long an agent of a real Swarm takes from a first request to its 200: through the gateway, beside the moment at
/// which the engine says that the container started, and beside detectors that ask again and again. All of them wake
/// the same service, in turn. Then the same from a doze.
/// </summary>
internal static class WakeScenario
{
    private const string Agent = "sleeper";
    private const string Dozer = "dozer";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);
    private static readonly int[] Periods = [50, 200, 2000, 5000];

    public static async Task<IReadOnlyList<Figure>> RunAsync(
        string published, Scale scale, CancellationToken cancellationToken)
    {
        await using var node = await SwarmMachine.StartAsync();
        await node.DeployAsync(SwarmMachine.Agent(Agent));
        await node.DeployAsync(SwarmMachine.Agent(Dozer));
        using var space = new Workspace();
        var port = Proxy.FreePort();
        await using var gateway = Measured.Start(
            published, space.Environment, "gateway", "--config", space.Configure(Configuration(node, port)));
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/") };
        await UntilAsync(async () => await StateAsync(client, Agent) == "sleeping", cancellationToken);

        var waker = new Waker(node, client);
        var woken = new List<Wake>();
        var polled = Periods.ToDictionary(period => period, _ => new List<double>());
        for (var round = 0; round < scale.Wakes; round++)
        {
            woken.Add(await waker.ThroughGatewayAsync(Agent, cancellationToken));
            foreach (var period in Periods)
            {
                polled[period].Add(await waker.ByPollingAsync(Agent, period, cancellationToken));
            }
        }

        return
        [
            new Figure(
                "gateway wake of a Swarm service to the first 200", "ms", [.. woken.Select(wake => wake.Answered)],
                "median", null)
            {
                Peers =
                [
                    .. polled.Select(one => new PeerFigure(
                        string.Create(CultureInfo.InvariantCulture, $"a look every {one.Key} ms"),
                        Figure.Summary(one.Value, "median"))),
                ],
            },
            new Figure(
                "gateway wake, of the time to the container's start", "times",
                [.. woken.Select(wake => wake.Answered / wake.Started)], "median", 1.2),
            new Figure(
                "gateway wake out of a doze to the first 200", "ms",
                await DozesAsync(client, scale, cancellationToken), "median", 30),
        ];
    }

    private static string Configuration(SwarmMachine node, int port) => $$"""
        gateway:
          listen: 127.0.0.1:{{port}}
          admin: { listen: "127.0.0.1:{{Proxy.FreePort()}}" }
          docker_host: {{node.Engine.Address}}
          agents:
            {{Agent}}: { {{OnDemand(Agent)}} }
            {{Dozer}}: { {{OnDemand(Dozer)}}, doze: 1s }
        """;

    private static string OnDemand(string agent) =>
        $"hostnames: [{agent}.test], service: {agent}, port: {SwarmMachine.Port}, policy: on_demand, idle: 1h";

    private static async Task<IReadOnlyList<double>> DozesAsync(
        HttpClient client, Scale scale, CancellationToken cancellationToken)
    {
        var samples = new List<double>();
        await AskAsync(client, Dozer, cancellationToken);
        for (var round = 0; round < scale.Wakes; round++)
        {
            await UntilAsync(async () => await StateAsync(client, Dozer) == "sleeping", cancellationToken);
            var began = Stopwatch.GetTimestamp();
            await AskAsync(client, Dozer, cancellationToken);
            samples.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        return samples;
    }

    /// <summary>A request that waits for its answer.</summary>
    internal static async Task AskAsync(HttpClient client, string agent, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { Host = $"{agent}.test" } };
        request.Headers.Add("Prefer", "wait=30");
        using var answer = await client.SendAsync(request, cancellationToken);
        answer.EnsureSuccessStatusCode();
        await answer.Content.ReadAsByteArrayAsync(cancellationToken);
    }

    /// <summary>What the gateway says of an agent without waking it.</summary>
    internal static async Task<string> StateAsync(HttpClient client, string agent)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/health")
            {
                Headers = { Host = $"{agent}.test" },
            };
            using var answer = await client.SendAsync(request);
            using var json = System.Text.Json.JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
            return json.RootElement.GetProperty("status").GetString() ?? "";
        }
        catch (HttpRequestException)
        {
            return "";
        }
    }

    internal static async Task UntilAsync(Func<Task<bool>> condition, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(began) > Patience)
            {
                throw new TimeoutException("the agent did not come to where the measurement wants it");
            }

            await Task.Delay(Look, cancellationToken);
        }
    }
}

/// <summary>What one wake took, in milliseconds from the request.</summary>
/// <param name="Started">Until the engine told that the container started.</param>
/// <param name="Answered">Until the answer was there.</param>
internal readonly record struct Wake(double Started, double Answered);

/// <summary>Wakes an agent in one way or another, and puts it to sleep again.</summary>
internal sealed class Waker(SwarmMachine node, HttpClient gateway)
{
    public async Task<Wake> ThroughGatewayAsync(string agent, CancellationToken cancellationToken)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var since = TimeProvider.System.GetUtcNow();
        var starting = StartedAsync(agent, EngineTimestamp.From(since), enough.Token);
        var asked = TimeProvider.System.GetUtcNow();
        var began = Stopwatch.GetTimestamp();
        await WakeScenario.AskAsync(gateway, agent, cancellationToken);
        var answered = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        var started = (await starting - asked).TotalMilliseconds;
        await enough.CancelAsync();
        await RestAsync(agent, cancellationToken);
        return new Wake(started, answered);
    }

    /// <summary>Scales and then looks every so often whether a task answers, as most do it.</summary>
    public async Task<double> ByPollingAsync(string agent, int period, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(1) };
        var began = Stopwatch.GetTimestamp();
        await node.ScaleAsync(agent, 1);
        do
        {
            await Task.Delay(TimeSpan.FromMilliseconds(period), cancellationToken);
        }
        while (!await AnswersAsync(agent, http, cancellationToken));

        var answered = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        await RestAsync(agent, cancellationToken);
        return answered;
    }

    private async Task<bool> AnswersAsync(string agent, HttpClient http, CancellationToken cancellationToken)
    {
        var tasks = await node.Client.Tasks.ListAsync(DockerFilters.Where("service", agent), cancellationToken);
        var running = tasks.FirstOrDefault(task => task.Status.State == "running");
        var container = running?.Status.ContainerStatus?.ContainerId;
        if (container is null)
        {
            return false;
        }

        var bridge = await node.Client.Networks.InspectAsync("docker_gwbridge", cancellationToken);
        if (!bridge.Containers.TryGetValue(container, out var member))
        {
            return false;
        }

        try
        {
            var address = member.Ipv4Address.Split('/')[0];
            using var answer = await http.GetAsync(
                new Uri($"http://{address}:{SwarmMachine.Port}/"), cancellationToken);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    /// <summary>When the engine says that a container of the service started.</summary>
    private async Task<DateTimeOffset> StartedAsync(
        string agent, EngineTimestamp since, CancellationToken cancellationToken)
    {
        var starts = DockerFilters.Where("type", "container").And("event", "start");
        await foreach (var happened in node.Client.Events.ReadAsync(starts, since, null, cancellationToken))
        {
            if (happened["com.docker.swarm.service.name"] == agent)
            {
                return happened.Time.ToDateTimeOffset();
            }
        }

        throw new InvalidOperationException("the engine's events ended");
    }

    /// <summary>Back to none, until the gateway knows and the last container is gone.</summary>
    private async Task RestAsync(string agent, CancellationToken cancellationToken)
    {
        await node.ScaleAsync(agent, 0);
        await WakeScenario.UntilAsync(
            async () => await WakeScenario.StateAsync(gateway, agent) == "sleeping"
                && (await node.Client.Tasks.ListAsync(DockerFilters.Where("service", agent), cancellationToken))
                    .All(task => task.Status.State is "shutdown" or "complete" or "failed" or "rejected" or "orphaned"),
            cancellationToken);
    }
}
