using System.Globalization;
using System.Text.RegularExpressions;

namespace Drover.Bench.Proxies;

/// <summary>What a run of the load generator found.</summary>
/// <param name="PerSecond">Requests that were answered, a second.</param>
/// <param name="Median">Milliseconds.</param>
/// <param name="P99">Milliseconds.</param>
internal readonly record struct LoadResult(double PerSecond, double Median, double P99)
{
    /// <summary>
    /// Microseconds of processor time that the proxy took for a request: what says more than the clock on a machine
    /// that has other things to do.
    /// </summary>
    public double Processor { get; init; }
}

/// <summary>What is asked for.</summary>
/// <param name="Connections">All kept alive.</param>
/// <param name="Bytes">Of each answer.</param>
/// <param name="IsTls">Encrypted between client and proxy.</param>
internal readonly record struct Load(int Connections, int Bytes, bool IsTls)
{
    /// <summary>As figures are named.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Connections} connections, {Bytes / 1000.0:0.#} kB{(IsTls ? ", TLS" : "")}");
}

/// <summary>wrk: as many connections as told, each of which asks again once answered, or a little later.</summary>
internal static partial class Wrk
{
    // Pauses between the requests of a connection are random, so that connections do not fall into step.
    private const string Pausing = """
        local mean = tonumber(os.getenv("BENCH_PAUSE"))
        function delay() return math.random(0, 2 * mean) end
        """;

    /// <summary>Runs it against a port.</summary>
    /// <param name="port">Of a proxy, or of the origin itself.</param>
    /// <param name="load">What is asked for.</param>
    /// <param name="length">How long.</param>
    /// <param name="perSecond">About how many requests a second at most; null for as many as can be.</param>
    /// <param name="cancellationToken">Gives up before it begins.</param>
    public static async Task<LoadResult> RunAsync(
        int port, Load load, TimeSpan length, double? perSecond, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var space = new Workspace();
        var environment = new Dictionary<string, string>();
        var arguments = new List<string>
        {
            "wrk", "--latency", "--timeout", "10s",
            "-t", Number(Math.Min(Cores.Load, load.Connections)),
            "-c", Number(load.Connections),
            "-d", $"{Number((int)Math.Ceiling(length.TotalSeconds))}s",
            "-H", "Host: bench.test",
        };
        if (perSecond is { } rate)
        {
            var script = Path.Combine(space.Folder, "pause.lua");
            await File.WriteAllTextAsync(script, Pausing, cancellationToken);
            environment["BENCH_PAUSE"] = Number((int)Math.Round(load.Connections / rate * 1000));
            arguments.AddRange(["-s", script]);
        }

        arguments.Add($"{(load.IsTls ? "https" : "http")}://127.0.0.1:{Number(port)}/{Number(load.Bytes)}");
        var command = Cores.ForLoad([.. arguments]);
        var (code, said) = await Measured.RunAsync(command[0], environment, command[1..]);
        return code == 0 && !said.Contains("Non-2xx", StringComparison.Ordinal)
                && !said.Contains("Socket errors", StringComparison.Ordinal)
            ? new LoadResult(
                double.Parse(PerSecond().Match(said).Groups[1].Value, CultureInfo.InvariantCulture),
                Milliseconds(said, "50%"),
                Milliseconds(said, "99%"))
            : throw new InvalidOperationException($"{string.Join(' ', command)} ended with {code}: {said}");
    }

    private static double Milliseconds(string said, string quantile)
    {
        var match = Regex.Match(said, $@"^\s+{quantile}\s+([\d.]+)(us|ms|s)\s*$", RegexOptions.Multiline);
        var value = double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
        return match.Groups[2].Value switch { "us" => value / 1000, "ms" => value, _ => value * 1000 };
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^Requests/sec:\s+([\d.]+)", RegexOptions.Multiline)]
    private static partial Regex PerSecond();
}
