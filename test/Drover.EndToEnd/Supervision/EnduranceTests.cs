using System.Diagnostics;

namespace Drover.EndToEnd.Supervision;

/// <summary>A supervisor that restarts and restarts grows by nothing.</summary>
public sealed class EnduranceTests
{
    private const int WarmUp = 2000;
    private const int Restarts = 10_000;
    private const int MostDescriptors = 6;
    private const int MostThreads = 6;

    // The garbage between two collections is megabytes, so what is compared is the least that is ever seen; more than
    // this for each restart would be something that stays.
    private const double MostBytesARestart = 512;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    // What only the start needed is given back 70 s after it, which would hide what grows meanwhile; a while later
    // everything has its usual size again (docs/decisions/0053).
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);

    private const string Loops = """
        a: { command: "true", min_uptime: 0, restart: { limit: 10000, window: 1s } }
        b: { command: "true", min_uptime: 0, restart: { limit: 10000, window: 1s } }
        c: { command: [sh, -c, "true & exit 3"], min_uptime: 0, restart: { limit: 10000, window: 1s } }
        quiet: { command: [sleep, "1000"], liveness: { process: true, period: 1s } }
        """;

    [Fact]
    public async Task Ten_thousand_restarts_leave_no_descriptor_no_zombie_no_thread_and_no_memory()
    {
        await using var machine = new SupervisedMachine(Loops);
        await machine.StartAsync();
        var pid = await machine.PidAsync();
        var begun = Stopwatch.StartNew();
        await UntilAsync(machine, WarmUp, _ => { });
        while (begun.Elapsed < Settled)
        {
            await Task.Delay(Look, TestContext.Current.CancellationToken);
        }

        var before = Measure(pid);
        var seen = new List<(long Restarts, long Anonymous)>();

        var first = await RestartsAsync(machine);
        await UntilAsync(machine, first + Restarts, restarts => seen.Add((restarts, Measure(pid).Anonymous)));

        var after = Measure(pid);
        Assert.InRange(after.Descriptors, 0, before.Descriptors + MostDescriptors);
        Assert.InRange(after.Threads, 0, before.Threads + MostThreads);
        Assert.InRange(BytesARestart(seen), double.MinValue, MostBytesARestart);
        await machine.UntilAsync(() => Task.FromResult(!Zombies(pid).Any()), "no zombie is left");
        var status = await machine.StatusAsync();
        Assert.Equal("1", SupervisedMachine.Text(SupervisedMachine.Find(status, "quiet"), "instance"));
        Assert.All(
            Directory.GetFiles(machine.Data, "*", SearchOption.AllDirectories),
            file => Assert.InRange(new FileInfo(file).Length, 0, 9 << 20));
    }

    private static async Task<long> RestartsAsync(SupervisedMachine machine) =>
        (await machine.StatusAsync()).GetProperty("components").EnumerateArray()
            .Sum(one => one.GetProperty("restarts").GetInt64());

    private static async Task UntilAsync(SupervisedMachine machine, long restarts, Action<long> look)
    {
        var watch = Stopwatch.StartNew();
        while (await RestartsAsync(machine) is var now && now < restarts)
        {
            look(now);
            Assert.True(watch.Elapsed < Limit, $"not {restarts} restarts within {Limit}");
            await Task.Delay(Look, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>By how much the least of the last third is more than the least of the first.</summary>
    private static double BytesARestart(List<(long Restarts, long Anonymous)> seen)
    {
        Assert.InRange(seen.Count, 12, int.MaxValue);
        var first = seen.Take(seen.Count / 3).MinBy(one => one.Anonymous);
        var last = seen.TakeLast(seen.Count / 3).MinBy(one => one.Anonymous);
        return (last.Anonymous - first.Anonymous) * 1024.0 / (last.Restarts - first.Restarts);
    }

    private static (int Descriptors, long Threads, long Anonymous) Measure(int pid) => (
        Directory.GetFileSystemEntries($"/proc/{pid}/fd").Length,
        SupervisedMachine.Proc(pid, "Threads"),
        SupervisedMachine.Proc(pid, "RssAnon"));

    private static IEnumerable<int> Zombies(int parent)
    {
        foreach (var directory in Directory.GetDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), out var pid)
                && TryStat(pid) is { } stat
                && stat.Parent == parent
                && stat.State == 'Z')
            {
                yield return pid;
            }
        }
    }

    private static (char State, int Parent)? TryStat(int pid)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{pid}/stat");
            var words = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return (words[0][0], int.Parse(words[1], System.Globalization.CultureInfo.InvariantCulture));
        }
        catch (IOException)
        {
            return null;
        }
    }
}
