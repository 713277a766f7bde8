namespace Drover.Faults;

/// <summary>The published executable dies at each named point, is started again, and nothing is lost or
/// doubled.</summary>
public sealed class NamedPointTests(RunsInParallel runs)
{
    private static readonly Lock Gate = new();
    private static Dictionary<string, Task<IReadOnlyList<string>>>? _all;

    public static TheoryData<string> All() => [.. Points.All];

    [Theory]
    [MemberData(nameof(All))]
    public async Task Killed_at_this_point_nothing_is_lost_and_nothing_is_done_twice(string point)
    {
        Task<IReadOnlyList<string>> run;
        lock (Gate)
        {
            _all ??= runs.Begin(
                Points.All,
                async (docker, name) => await FaultRun.AtPointAsync(
                    await docker.GetAsync(), name, Points.IsServers(name), CancellationToken.None));
            run = _all[point];
        }

        var found = await run;
        Assert.True(found.Count == 0, string.Join('\n', found));
    }
}
