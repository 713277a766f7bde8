using System.Globalization;

namespace Drover.Faults;

/// <summary>
/// Random kills, cuts and fault points by seed: 50 in the light tier, 500 more in the heavy one, any number when asked:
/// <c>DROVER_FAULT_SEEDS</c> (<c>500</c>, or <c>from-to</c>) chooses for both tiers. Every tenth seed has a real Docker
/// Engine, the others one that this process plays.
/// </summary>
public sealed class SeededRunTests(RunsInParallel runs, ITestOutputHelper output)
{
    private const int LightSeeds = 50;
    private const int HeavySeeds = 500;
    private const int RealEngineEvery = 10;

    [Fact]
    public Task Random_kills_of_both_sides_lose_nothing_and_double_nothing() => RunAsync(1, LightSeeds);

    [Fact]
    [Trait("tier", "heavy")]
    public Task Random_kills_of_both_sides_lose_nothing_and_double_nothing_over_500_seeds() =>
        RunAsync(LightSeeds + 1, HeavySeeds);

    private async Task RunAsync(int first, int count)
    {
        (first, count) = Chosen(first, count);
        output.WriteLine($"seeds {first} to {first + count - 1}; one alone: DROVER_FAULT_SEEDS={first}-{first}");
        var all = runs.Begin(
            Enumerable.Range(first, count),
            async (docker, seed) => await FaultRun.OfSeedAsync(
                seed % RealEngineEvery == 0 ? await docker.GetAsync() : null, seed, CancellationToken.None));
        var found = (await Task.WhenAll(all.Values)).SelectMany(sentences => sentences).ToList();
        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    private static (int First, int Count) Chosen(int first, int count)
    {
        var parts = Environment.GetEnvironmentVariable("DROVER_FAULT_SEEDS")?.Split('-') ?? [];
        return parts switch
        {
            [var number] => (first, int.Parse(number, CultureInfo.InvariantCulture)),
            [var from, var to] => (
                int.Parse(from, CultureInfo.InvariantCulture),
                int.Parse(to, CultureInfo.InvariantCulture) - int.Parse(from, CultureInfo.InvariantCulture) + 1),
            _ => (first, count),
        };
    }
}
