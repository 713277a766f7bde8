namespace Drover.Bench.Scenarios;

/// <summary>DESIGN 10, last row: size on disk, and how long help takes beside the engine's own client.</summary>
internal static class ExecutableScenario
{
    private const int Runs = 21;

    public static async Task<IReadOnlyList<Figure>> RunAsync(
        string published, Scale scale, CancellationToken cancellationToken)
    {
        var ours = new List<double>();
        var peers = new List<double>();
        await Measured.TimeAsync(published, "--help");
        await Measured.TimeAsync("docker", "--help");
        for (var run = 0; run < Runs && !cancellationToken.IsCancellationRequested; run++)
        {
            ours.Add(await Measured.TimeAsync(published, "--help"));
            peers.Add(await Measured.TimeAsync("docker", "--help"));
        }

        return
        [
            new Figure("executable size", "MB", [new FileInfo(published).Length / 1e6], "max", 75),
            new Figure("drover --help", "ms", ours, "median", 80)
            {
                Peers = [new PeerFigure("docker --help", Figure.Summary(peers, "median"))],
            },
        ];
    }
}
