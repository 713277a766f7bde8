using System.Diagnostics;
using System.Net.Sockets;

namespace Drover.Bench.Scenarios;

/// <summary>`drover up` on an empty data directory: from exec to the first answered request over its socket.</summary>
internal static class UpScenario
{
    private const int Runs = 7;

    public static async Task<IReadOnlyList<Figure>> RunAsync(
        string published, Scale scale, CancellationToken cancellationToken)
    {
        var samples = new List<double>();
        for (var run = 0; run < Runs; run++)
        {
            using var workspace = new Workspace();
            var configuration = workspace.Configure($"""
                server:
                  listen: 127.0.0.1:{FreePort()}
                host_agent:
                  docker_host: unix://{workspace.Folder}/absent.sock
                """);
            var started = Stopwatch.GetTimestamp();
            await using var up = Measured.Start(published, workspace.Environment, "up", "--config", configuration);
            using var api = new ServerApi(workspace.Data);
            await ServerApi.UntilAsync(
                async () => await api.ContainersAsync(cancellationToken) is not null,
                TimeSpan.FromSeconds(30),
                "the first answer",
                cancellationToken);
            samples.Add(Stopwatch.GetElapsedTime(started).TotalSeconds);
        }

        return [new Figure("drover up to first answer", "s", samples, "median", 2)];
    }

    internal static int FreePort()
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }
}
