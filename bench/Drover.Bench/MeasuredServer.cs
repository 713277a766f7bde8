using System.Diagnostics;
using System.Globalization;
using Drover.Bench.Scenarios;

namespace Drover.Bench;

/// <summary>What a server spent over a stretch of time.</summary>
internal readonly record struct Spent(double CpuPercent, double Resident, double RowsPerSecond);

/// <summary>The published server in its own process, on a port of its own.</summary>
internal sealed class MeasuredServer : IAsyncDisposable
{
    private readonly string _published;
    private readonly Workspace _space;
    private readonly string _configuration;
    private Measured _process;

    private MeasuredServer(string published, Workspace space)
    {
        _published = published;
        _space = space;
        var port = UpScenario.FreePort();
        Address = new Uri($"http://127.0.0.1:{port}");
        _configuration = space.Configure($"server:\n  listen: 127.0.0.1:{port}\n");
        Api = new ServerApi(space.Data);
        _process = Launch();
    }

    public Uri Address { get; }

    public ServerApi Api { get; }

    public static async Task<MeasuredServer> StartAsync(
        string published, Workspace space, CancellationToken cancellationToken)
    {
        var server = new MeasuredServer(published, space);
        await server.AnswersAsync(cancellationToken);
        return server;
    }

    /// <summary>Ends it as a crash does.</summary>
    public Task KillAsync() => _process.KillAsync();

    /// <summary>Starts it on the same data and waits for its first answer.</summary>
    public async Task StartAgainAsync(CancellationToken cancellationToken)
    {
        await _process.DisposeAsync();
        _process = Launch();
        await AnswersAsync(cancellationToken);
    }

    /// <summary>What it spends while something goes on.</summary>
    public async Task<Spent> WatchAsync(Task goingOn, CancellationToken cancellationToken)
    {
        var (cpu, rows, began) =
            (_process.CpuSeconds(), await MetricAsync("drover_server_database_rows"), Stopwatch.GetTimestamp());
        var resident = 0.0;
        while (!goingOn.IsCompleted)
        {
            await Task.WhenAny(goingOn, Task.Delay(1000, cancellationToken));
            resident = Math.Max(resident, _process.Memory().Resident);
        }

        await goingOn;
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        return new Spent(
            100 * (_process.CpuSeconds() - cpu) / seconds,
            resident,
            (await MetricAsync("drover_server_database_rows") - rows) / seconds);
    }

    /// <summary>The value of one line of its metrics.</summary>
    public async Task<double> MetricAsync(string line)
    {
        var text = await Api.MetricsAsync();
        var found = text.Split('\n').First(one => one.StartsWith(line + " ", StringComparison.Ordinal));
        return double.Parse(found[(line.Length + 1)..], CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        await _process.DisposeAsync();
    }

    private Measured Launch() =>
        Measured.Start(_published, _space.Environment, "server", "--config", _configuration);

    private Task AnswersAsync(CancellationToken cancellationToken) => ServerApi.UntilAsync(
        async () => await Api.ContainersAsync(cancellationToken) is not null,
        TimeSpan.FromSeconds(60),
        "the server's first answer",
        cancellationToken);
}
