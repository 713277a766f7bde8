using Drover.Bench.Proxies;

namespace Drover.Bench.Scenarios;

/// <summary>
/// How many requests a proxy forwards and how long they take, at full load and at half of ours. All proxies are there
/// throughout and get each load in turn, several times; "direct" is the load generator at the origin itself, which says
/// what both could do if a proxy cost nothing.
/// </summary>
internal static class ForwardScenario
{
    private const string Direct = "direct";
    private static readonly int[] Sizes = [100, 10_000, 1_000_000];

    private static readonly Load[] Loads =
    [
        .. Sizes.SelectMany(_ => (int[])[64, 256], (bytes, connections) => new Load(connections, bytes, false)),
        .. Sizes.Select(bytes => new Load(64, bytes, true)),
    ];

    public static async Task<IReadOnlyList<Figure>> RunAsync(
        string published, Scale scale, CancellationToken cancellationToken)
    {
        await using var origin = await Origin.StartAsync(Sizes, cancellationToken);
        await using var proxies = await ProxySet.StartAsync(published, origin.Port, [], cancellationToken);
        await WarmUpAsync(proxies, scale, cancellationToken);
        var figures = new List<Figure>();
        var most = 0.0;
        foreach (var load in Loads)
        {
            var results = await InTurnAsync(proxies, origin, load, null, scale, cancellationToken);
            figures.AddRange(AtFullLoad(load, results));
            most = Math.Max(most, figures[^4].Value);
        }

        var half = new Load(64, Sizes[0], false);
        figures.Add(AtHalfLoad(
            half, await InTurnAsync(proxies, origin, half, most / 2, scale, cancellationToken)));
        return figures;
    }

    /// <summary>Every proxy under every kind of load, until what compiles as it runs has done so.</summary>
    public static async Task WarmUpAsync(ProxySet proxies, Scale scale, CancellationToken cancellationToken)
    {
        foreach (var proxy in proxies.Started)
        {
            await Wrk.RunAsync(proxy.Port, new Load(64, Sizes[0], false), scale.WarmUp, null, cancellationToken);
            foreach (var load in Loads.Where(load => load.IsTls))
            {
                await Wrk.RunAsync(proxy.TlsPort, load, scale.WarmUp / 5, null, cancellationToken);
            }
        }
    }

    private static async Task<Dictionary<string, List<LoadResult>>> InTurnAsync(
        ProxySet proxies,
        Origin origin,
        Load load,
        double? perSecond,
        Scale scale,
        CancellationToken cancellationToken)
    {
        var results = proxies.Started.ToDictionary(proxy => proxy.Name, _ => new List<LoadResult>());
        results[Direct] = [];
        for (var round = 0; round < scale.LoadRounds; round++)
        {
            foreach (var proxy in proxies.Started)
            {
                var port = load.IsTls ? proxy.TlsPort : proxy.Port;
                var before = proxy.Footprint().CpuSeconds;
                var result = await Wrk.RunAsync(port, load, scale.LoadLength, perSecond, cancellationToken);
                var requests = result.PerSecond * scale.LoadLength.TotalSeconds;
                results[proxy.Name].Add(result with
                {
                    Processor = (proxy.Footprint().CpuSeconds - before) / requests * 1_000_000,
                });
            }

            results[Direct].Add(await Wrk.RunAsync(
                origin.Port, load with { IsTls = false }, scale.LoadLength, perSecond, cancellationToken));
        }

        return results;
    }

    private static IEnumerable<Figure> AtFullLoad(Load load, Dictionary<string, List<LoadResult>> results)
    {
        var throughput = Of("throughput", "requests/s", result => result.PerSecond);
        yield return throughput with
        {
            IsFloor = true,
            Budget = Math.Max(0.95 * PeerOf(throughput, "bare YARP"), 1.5 * PeerOf(throughput, "caddy")),
        };
        yield return Of("median", "ms", result => result.Median);
        yield return Of("p99", "ms", result => result.P99);
        yield return Of("processor time of a request", "µs", result => result.Processor);

        Figure Of(string what, string unit, Func<LoadResult, double> part) => new(
            $"gateway {what}, {load}", unit, [.. results["drover"].Select(part)], "median", null)
        {
            Peers =
            [
                .. results.Where(one => one.Key != "drover").Select(one => new PeerFigure(
                    one.Key, Figure.Summary([.. one.Value.Select(part)], "median"))),
            ],
        };
    }

    /// <summary>What a proxy adds to the p99 of the same requests without one.</summary>
    private static Figure AtHalfLoad(Load load, Dictionary<string, List<LoadResult>> results)
    {
        var without = Figure.Summary([.. results[Direct].Select(result => result.P99)], "median");
        return new Figure(
            $"gateway p99 added at half load, {load}", "ms", Added("drover"), "median", 1)
        {
            Peers =
            [
                .. results.Keys.Where(name => name is not "drover" and not Direct)
                    .Select(name => new PeerFigure(name, Figure.Summary(Added(name), "median"))),
            ],
        };

        List<double> Added(string name) => [.. results[name].Select(result => result.P99 - without)];
    }

    private static double PeerOf(Figure figure, string name) => figure.Peers.First(peer => peer.Name == name).Value;
}
