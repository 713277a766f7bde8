using Drover.Runtime.Docker;
using Drover.Supervisor.Logs;
using Drover.Testing.Docker;

namespace Drover.Supervisor.Tests.Logs;

/// <summary><c>logs --all</c>: every component, in the order of time.</summary>
public sealed class MergeTests
{
    private static readonly EngineTimestamp Epoch = EngineTimestamp.From(new(2027, 1, 1, 0, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task All_components_are_merged_in_the_order_of_time()
    {
        using var rig = new LogRig();
        var keeper = rig.Keeper();
        keeper.Keep("db", LogRig.Small);
        keeper.Prepare("web");
        keeper.Prepare("db");
        for (var number = 0; number < 100; number++)
        {
            Say(rig, keeper, number % 3 is 0 ? "db" : "web", $"{number:D3}");
        }

        var lines = await MergeAsync(rig, new());

        Assert.Equal(Enumerable.Range(0, 100).Select(number => $"{number:D3}"), lines.Select(line => line.Text));
        Assert.Equal(34, lines.Count(line => line.Component == "db"));
        var last = await MergeAsync(rig, new() { Tail = 2 });
        Assert.Equal(["096", "097", "098", "099"], last.Select(line => line.Text));
        var since = await MergeAsync(rig, new() { Since = lines[90].At });
        Assert.Equal(lines[90..], since);
    }

    [Fact]
    public async Task Followed_lines_of_several_components_wait_a_moment_for_earlier_ones()
    {
        using var rig = new LogRig();
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var keeper = rig.Keeper();
        keeper.Keep("db", LogRig.Small);
        keeper.Prepare("web");
        keeper.Prepare("db");
        Say(rig, keeper, "web", "history");
        var seen = new List<string>();
        var merging = Task.Run(
            async () =>
            {
                await foreach (var line in Merge(rig).ReadAsync(Sources(rig), new() { Follow = true }, stopping.Token))
                {
                    lock (seen)
                    {
                        seen.Add(line.Text);
                    }
                }
            },
            CancellationToken.None);
        await rig.Clock.WaitForTimerAsync(LogMerge.Tick, stopping.Token);
        Say(rig, keeper, "web", "1");
        Say(rig, keeper, "db", "2");
        Say(rig, keeper, "web", "3");

        for (var tick = 0; Count() < 4; tick++)
        {
            Assert.InRange(tick, 0, 50);
            await rig.Clock.WaitForTimersAsync(1, stopping.Token);
            rig.Clock.Advance(LogMerge.Tick);
        }

        Assert.Equal(["history", "1", "2", "3"], seen);
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => merging);

        int Count()
        {
            lock (seen)
            {
                return seen.Count;
            }
        }
    }

    [Fact]
    public void The_window_gives_lines_by_time_and_those_of_one_time_as_they_came()
    {
        using var rig = new LogRig();
        var window = new MergeWindow(LogMerge.Hold, rig.Clock);
        var noon = rig.Clock.GetUtcNow();
        window.Add(new("web", noon.AddSeconds(2), "c"));
        window.Add(new("db", noon.AddSeconds(1), "a"));
        window.Add(new("web", noon.AddSeconds(1), "b"));
        Assert.False(window.TryTakeDue(out _));
        rig.Clock.Advance(LogMerge.Hold);
        window.Add(new("db", noon.AddSeconds(9), "later"));

        var given = new List<string>();
        while (window.TryTakeDue(out var line))
        {
            given.Add(line.Text);
        }

        Assert.Equal(["a", "b", "c"], given);
        for (var number = 0; number < 5000; number++)
        {
            window.Add(new("db", noon.AddSeconds(10), $"{number}"));
            while (window.TryTakeOverflow(out _))
            {
                // A flood leaves early instead of filling the memory.
            }
        }

        Assert.True(window.TryTakeOverflow(out _) is false);
    }

    [Fact]
    public async Task A_container_is_followed_over_restarts_and_over_a_new_container_of_its_name()
    {
        await using var engine = await FakeDockerEngine.StartNewAsync();
        using var client = engine.Connect();
        var first = engine.AddContainer("web", one => one.Logs("one", At(1)).Logs("two", At(2)).Logs("three", At(3)));
        var source = new ContainerLogSource("web", "web", client, TimeProvider.System);
        await using var reading = source.Open(new() { Follow = true, Tail = 2 });

        Assert.Equal(["two", "three"], await HistoryAsync(reading));
        first.Logs("four", At(4));
        Assert.Equal("four", await NextAsync(reading));
        engine.End(first, 1);
        first.Logs("while it ended", At(5));
        engine.Start(first);
        first.Logs("again", At(6));
        Assert.Equal("while it ended", await NextAsync(reading));
        Assert.Equal("again", await NextAsync(reading));

        engine.End(first, 0);
        first.Logs("last words", At(6));
        Assert.Equal("last words", await NextAsync(reading));
        engine.RemoveContainer(first);
        var second = engine.AddContainer(
            "web",
            one =>
            {
                one.Id = new string('b', 64);
                one.Logs("new one", At(7));
            });
        var remark = "";
        var next = await reading.NextLineAsync();
        if (next.IsRemark)
        {
            remark = next.Text;
            next = await reading.NextLineAsync();
        }

        Assert.Equal("new one", next.Text);
        Assert.True(remark.Length is 0 || remark.Contains("\"web\"", StringComparison.Ordinal), remark);
        second.Logs("goes on", At(8));
        Assert.Equal("goes on", await NextAsync(reading));
    }

    [Fact]
    public async Task Processes_and_containers_are_merged_alike_and_an_engine_that_is_away_is_a_remark()
    {
        using var rig = new LogRig();
        var keeper = rig.Keeper();
        keeper.Prepare("web");
        Say(rig, keeper, "web", "from a process");
        await using var engine = await FakeDockerEngine.StartNewAsync();
        using var client = engine.Connect();
        engine.AddContainer("db", one => one.Logs("from a container", At(-5)));
        ILogSource[] sources =
        [
            new FileLogSource("web", rig.Logs, rig.Clock),
            new ContainerLogSource("database", "db", client, rig.Clock),
        ];

        var lines = await ToListAsync(Merge(rig).ReadAsync(sources, new(), TestContext.Current.CancellationToken));
        Assert.Equal(["from a container", "from a process"], lines.Select(line => line.Text));
        Assert.Equal(["database", "web"], lines.Select(line => line.Component));

        await engine.StopAsync();
        lines = await ToListAsync(Merge(rig).ReadAsync(sources, new(), TestContext.Current.CancellationToken));
        Assert.Equal("from a process", Assert.Single(lines, line => !line.IsRemark).Text);
        Assert.StartsWith("cannot ", Assert.Single(lines, line => line.IsRemark).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_that_cannot_be_read_is_a_remark_and_the_others_have_their_lines()
    {
        using var rig = new LogRig();
        var keeper = rig.Keeper();
        keeper.Prepare("web");
        Say(rig, keeper, "web", "hello");
        Directory.CreateDirectory(rig.Logs.StateOf("db"));

        var lines = await MergeAsync(rig, new());

        Assert.Equal("hello", Assert.Single(lines, line => !line.IsRemark).Text);
        var remark = Assert.Single(lines, line => line.IsRemark);
        Assert.Equal("db", remark.Component);
        Assert.StartsWith("cannot read the log of \"db\": ", remark.Text, StringComparison.Ordinal);
    }

    private static EngineTimestamp At(int seconds) => Epoch with { Seconds = Epoch.Seconds + seconds };

    private static void Say(LogRig rig, LogKeeper keeper, string component, string text)
    {
        rig.Clock.Advance(TimeSpan.FromMilliseconds(10));
        rig.Write(text + "\n", component);
        File.SetLastWriteTimeUtc(rig.Logs.LiveOf(component), rig.Clock.GetUtcNow().UtcDateTime);
        keeper.Prepare(component);
    }

    private static LogMerge Merge(LogRig rig) => new(rig.Clock);

    private static ILogSource[] Sources(LogRig rig) =>
        [new FileLogSource("web", rig.Logs, rig.Clock), new FileLogSource("db", rig.Logs, rig.Clock)];

    private static Task<List<ComponentLine>> MergeAsync(LogRig rig, LogSelection selection) =>
        ToListAsync(Merge(rig).ReadAsync(Sources(rig), selection, TestContext.Current.CancellationToken));

    private static async Task<List<ComponentLine>> ToListAsync(IAsyncEnumerable<ComponentLine> lines)
    {
        var list = new List<ComponentLine>();
        await foreach (var line in lines)
        {
            list.Add(line);
        }

        return list;
    }

    private static async Task<List<string>> HistoryAsync(ILogReading reading)
    {
        var lines = new List<string>();
        while (await reading.TryReadAsync(TestContext.Current.CancellationToken) is { } line)
        {
            lines.Add(line.Text);
        }

        return lines;
    }

    private static async Task<string> NextAsync(ILogReading reading) => (await reading.NextLineAsync()).Text;
}

/// <summary>Waiting for a line that comes in its own time.</summary>
internal static class LogReadings
{
    public static async Task<ComponentLine> NextLineAsync(this ILogReading reading)
    {
        ComponentLine? line = null;
        await Eventually.TrueAsync(
            async () => (line = await reading.TryReadAsync(TestContext.Current.CancellationToken)) is not null,
            "a line of the log",
            TestContext.Current.CancellationToken);
        return line!;
    }
}
