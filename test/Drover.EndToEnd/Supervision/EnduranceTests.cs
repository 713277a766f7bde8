using System.Diagnostics;

namespace Drover.EndToEnd.Supervision;

/// <summary>A supervisor that restarts and restarts grows by nothing.</summary>
public sealed class EnduranceTests
{
    private const int WarmUp = 2000;
    private const int Restarts = 10_000;
    private const int MostDescriptors = 6;
    private const int MostThreads = 6;

    // What stays for each restart would be more than this by far.
    private const long MostKilobytes = 1536;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);

    // What only the start needed is given back 70 s after it, what work left one or two minutes after it
    // (docs/decisions/0053 and 0094): then it is known what is still needed.
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(75);
    private static readonly TimeSpan SettledAgain = TimeSpan.FromMinutes(4);

    private static readonly string[] Looping = ["a", "b", "c"];

    // Done, or not ready yet, which what ends at once may never be.
    private static readonly int[] Accepted = [0, 7];

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
        await UntilAsync(machine, WarmUp);
        await OrderAsync(machine, "stop");
        while (begun.Elapsed < Settled)
        {
            await Task.Delay(Look, TestContext.Current.CancellationToken);
        }

        var before = Measure(pid);
        await OrderAsync(machine, "start");
        await UntilAsync(machine, await RestartsAsync(machine) + Restarts);
        await OrderAsync(machine, "stop");

        var after = Measure(pid);
        for (var watch = Stopwatch.StartNew(); after.Anonymous > before.Anonymous + MostKilobytes; after = Measure(pid))
        {
            Assert.True(
                watch.Elapsed < SettledAgain,
                $"{after.Anonymous} kB anonymous after {Restarts} restarts, {before.Anonymous} before");
            await Task.Delay(Look, TestContext.Current.CancellationToken);
        }

        Assert.InRange(after.Descriptors, 0, before.Descriptors + MostDescriptors);
        Assert.InRange(after.Threads, 0, before.Threads + MostThreads);
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

    private static async Task OrderAsync(SupervisedMachine machine, string verb)
    {
        foreach (var component in Looping)
        {
            Assert.Contains((await machine.RunAsync("supervisor", verb, component, "--wait", "5s")).Code, Accepted);
        }
    }

    private static async Task UntilAsync(SupervisedMachine machine, long restarts)
    {
        var watch = Stopwatch.StartNew();
        while (await RestartsAsync(machine) < restarts)
        {
            Assert.True(watch.Elapsed < Limit, $"not {restarts} restarts within {Limit}");
            await Task.Delay(Look, TestContext.Current.CancellationToken);
        }
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
