using System.Globalization;
using Drover.Bench.Proxies;

namespace Drover.Bench.Scenarios;

/// <summary>
/// What a WebSocket costs that is open and silent: memory of a proxy with thousands of them less its memory before, for
/// each. Some were open and closed again before, so that what a first one costs is not counted.
/// </summary>
internal static class SocketScenario
{
    private const double KiloBytes = 1024 * 1024 / 1000.0;
    private const int Reserve = 1000;

    public static async Task<IReadOnlyList<Figure>> RunAsync(
        string published, Scale scale, CancellationToken cancellationToken)
    {
        // Two files for each in a proxy, two here; some are for the rest.
        var count = Math.Min(scale.Sockets, (OpenFiles() - Reserve) / 2);
        await using var agent = new SilentAgent();
        await using var proxies = await ProxySet.StartAsync(published, agent.Port, [], cancellationToken);
        var each = new List<(string Name, double KiloBytes)>();
        foreach (var proxy in proxies.Started)
        {
            each.Add((proxy.Name, await MeasureAsync(proxy, count, scale, cancellationToken)));
        }

        return
        [
            new Figure($"gateway memory of one of {count} idle WebSockets", "kB", [each[0].KiloBytes], "max", 40)
            {
                Peers = [.. each.Skip(1).Select(one => new PeerFigure(one.Name, one.KiloBytes))],
            },
        ];
    }

    private static async Task<double> MeasureAsync(
        Proxy proxy, int count, Scale scale, CancellationToken cancellationToken)
    {
        await using (await IdleSockets.OpenAsync(proxy.Port, count / 20, cancellationToken))
        {
            await Task.Delay(scale.Settling / 3, cancellationToken);
        }

        await Task.Delay(scale.Settling / 3, cancellationToken);
        var before = proxy.Footprint().Resident;
        await using var open = await IdleSockets.OpenAsync(proxy.Port, count, cancellationToken);
        await Task.Delay(scale.Settling, cancellationToken);
        return (proxy.Footprint().Resident - before) * KiloBytes / count;
    }

    /// <summary>How many a process of this machine may have open; the scripts of eng/ ask for enough.</summary>
    private static int OpenFiles()
    {
        var line = File.ReadLines("/proc/self/limits").First(
            one => one.StartsWith("Max open files", StringComparison.Ordinal));
        var soft = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3];
        return int.TryParse(soft, CultureInfo.InvariantCulture, out var count) ? count : int.MaxValue;
    }
}
