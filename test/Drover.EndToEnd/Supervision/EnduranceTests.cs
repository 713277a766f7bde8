using System.Diagnostics;

namespace Drover.EndToEnd.Supervision;

/// <summary>A supervisor that restarts and restarts grows by nothing.</summary>
public sealed class EnduranceTests
{
    private const int WarmUp = 2000;
    private const int Restarts = 10_000;
    private const int MostDescriptors = 6;
    private const int MostThreads = 6;
    private const int MostKilobytes = 12 << 10;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
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
        await UntilAsync(machine, WarmUp);
        var before = Measure(pid);

        await UntilAsync(machine, WarmUp + Restarts);

        var after = Measure(pid);
        Assert.InRange(after.Descriptors, 0, before.Descriptors + MostDescriptors);
        Assert.InRange(after.Threads, 0, before.Threads + MostThreads);
        Assert.InRange(after.Anonymous, 0, before.Anonymous + MostKilobytes);
        await machine.UntilAsync(() => Task.FromResult(!Zombies(pid).Any()), "no zombie is left");
        var status = await machine.StatusAsync();
        Assert.Equal("1", SupervisedMachine.Text(SupervisedMachine.Find(status, "quiet"), "instance"));
        Assert.All(
            Directory.GetFiles(machine.Data, "*", SearchOption.AllDirectories),
            file => Assert.InRange(new FileInfo(file).Length, 0, 9 << 20));
    }

    private static async Task UntilAsync(SupervisedMachine machine, long restarts)
    {
        var watch = Stopwatch.StartNew();
        while ((await machine.StatusAsync()).GetProperty("components").EnumerateArray()
            .Sum(one => one.GetProperty("restarts").GetInt64()) < restarts)
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
