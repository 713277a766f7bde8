using System.Diagnostics;
using Drover.Bench.Proxies;

namespace Drover.Bench.Scenarios;

/// <summary>
/// Whether memory grows while requests pass, minute after minute: a proxy under a steady load, looked at once a second.
/// The last sixth of the time is held against the second one, for the first belongs to the start.
/// </summary>
internal static class LoadedMemoryScenario
{
    private const double PerSecond = 2000;
    private static readonly Load Steady = new(64, 10_000, false);

    public static async Task<IReadOnlyList<Figure>> RunAsync(
        string published, Scale scale, CancellationToken cancellationToken)
    {
        await using var origin = await Origin.StartAsync([Steady.Bytes], cancellationToken);
        await using var proxies = await ProxySet.StartAsync(
            published, origin.Port, ["drover", "bare YARP"], cancellationToken);
        var looks = new List<List<double>>();
        foreach (var proxy in proxies.Started)
        {
            looks.Add(await WatchAsync(proxy, scale.LoadedFor, cancellationToken));
        }

        return
        [
            Of("growth of memory in four minutes under load", 5, all => Middle(all, 5) - Middle(all, 1)),
            Of("resident memory under load", null, all => Middle(all, 5)),
        ];

        Figure Of(string what, double? budget, Func<List<double>, double> part) =>
            new($"gateway {what}", "MB", [part(looks[0])], "max", budget)
            {
                Peers = [new PeerFigure("bare YARP", part(looks[1]))],
            };
    }

    private static async Task<List<double>> WatchAsync(
        Proxy proxy, TimeSpan length, CancellationToken cancellationToken)
    {
        var seen = new List<double>();
        var loading = Wrk.RunAsync(proxy.Port, Steady, length, PerSecond, cancellationToken);
        var began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < length)
        {
            seen.Add(proxy.Footprint().Resident);
            await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
        }

        await loading;
        return seen;
    }

    /// <summary>The median of one sixth of the looks.</summary>
    private static double Middle(List<double> looks, int sixth) => Figure.Summary(
        looks.GetRange(sixth * looks.Count / 6, Math.Max(1, looks.Count / 6)), "median");
}
