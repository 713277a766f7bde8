using Drover.Bench.Supervision;

namespace Drover.Bench.Scenarios;

/// <summary>
/// How long a person waits for `drover supervisor status`, in turn with the same question to the peers.
/// </summary>
internal static class KeeperStatusScenario
{
    private const int Runs = 21;
    private const int Components = 10;

    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);

    public static async Task<IReadOnlyList<Figure>> RunAsync(
        string published, Scale scale, CancellationToken cancellationToken)
    {
        using var program = await StampProgram.CompileAsync(cancellationToken);
        var keepers = new List<(Keeper Keeper, List<double> Milliseconds)>();
        try
        {
            foreach (var keeper in Keepers.All(published, program))
            {
                keepers.Add((keeper, []));
                await keeper.StartAsync(Components, cancellationToken);
            }

            foreach (var (keeper, _) in keepers)
            {
                await keeper.UntilAllLiveAsync(Components, StartPatience, cancellationToken);
                await AskAsync(keeper);
            }

            for (var run = 0; run < Runs && !cancellationToken.IsCancellationRequested; run++)
            {
                foreach (var (keeper, milliseconds) in keepers)
                {
                    milliseconds.Add(await AskAsync(keeper));
                }
            }
        }
        finally
        {
            foreach (var (keeper, _) in keepers)
            {
                await keeper.DisposeAsync();
            }
        }

        return
        [
            new Figure(
                $"drover supervisor status, {Components} components", "ms", keepers[0].Milliseconds, "median", 100)
            {
                Peers =
                [
                    .. keepers.Skip(1).Select(peer => new PeerFigure(
                        $"{Path.GetFileName(peer.Keeper.Status.Program)} {Verb(peer.Keeper)}".TrimEnd(),
                        Figure.Summary(peer.Milliseconds, "median"))),
                ],
            },
        ];
    }

    private static Task<double> AskAsync(Keeper keeper) =>
        Measured.TimeAsync(keeper.Status.Program, keeper.Environment, keeper.Status.Arguments);

    private static string Verb(Keeper keeper) =>
        keeper.Status.Arguments.FirstOrDefault(argument => argument.All(char.IsAsciiLetter)) ?? "";
}
