using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Drover.Testing.Agents;

namespace Drover.EndToEnd.Supervision;

/// <summary>Tests that measure time, one after the other and beside nothing else.</summary>
[CollectionDefinition(nameof(ByTheClock), DisableParallelization = true)]
public sealed class ByTheClock;

/// <summary>
/// A component that writes more than 100 MB/s, to a disk in memory, for how fast a disk takes it is the machine's.
/// </summary>
[Collection(nameof(ByTheClock))]
public sealed class LoudComponentTests
{
    // Numbers of eight digits, a line each, in portions of nine megabytes every 75 ms: 120 MB/s, which one core writes
    // with ease. What came late is made up for.
    private const int First = 10_000_000;
    private const int Lines = 90_000_000;
    private const int LineLength = 9;
    private const int KeptLines = 3_000_000;
    private const long Archive = 16 << 20;
    private const int Keep = 3;

    // Half of what is written, in megabytes.
    private const int Room = 400;

    private const string Script = """
        start=$(date +%s%N)
        i=10
        while [ $i -lt 100 ]; do
          seq ${i}000000 ${i}999999
          left=$((start + (i - 9) * 75000000 - $(date +%s%N)))
          if [ $left -gt 0 ]; then sleep $(printf '0.%09d' $left); fi
          i=$((i + 1))
        done
        touch done
        exec sleep 1000

        """;

    [Fact]
    public async Task Nothing_of_what_is_kept_is_lost_the_disk_is_bounded_and_the_others_probes_are_on_time()
    {
        var period = TimeSpan.FromMilliseconds(200);
        using var memory = new SmallDisk(Room + 32);
        using var disk = new LoopDisk("ext4", Room, memory.Path);
        await using var probed = new ProbedPort();
        await using var machine = new SupervisedMachine(
            $"quiet: {{ command: [sleep, \"1000\"], liveness: {{ tcp: {probed.Port}, period: 200ms }} }}\n"
                + $"loud: {{ command: [sh, loud.sh], log: {{ max_size: 16MiB, keep: {Keep} }} }}",
            Path.Combine(disk.Path, "data"));
        await File.WriteAllTextAsync(
            Path.Combine(machine.Folder, "loud.sh"), Script, TestContext.Current.CancellationToken);
        (await machine.StartAsync()).MustBe(0);
        var watch = Stopwatch.StartNew();
        var most = 0L;
        while (!File.Exists(Path.Combine(machine.Folder, "done")))
        {
            most = Math.Max(most, Used(machine.Logs));
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60), "the component has not finished in a minute");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        var rate = Lines * (long)LineLength / watch.Elapsed.TotalSeconds / 1e6;
        var gaps = probed.Gaps();
        await machine.UntilAsync(
            () => Task.FromResult(Used(machine.Logs) <= ((Keep + 1) * Archive) + (8 << 20)), "rotation to catch up");

        Assert.True(rate >= 100, $"only {rate:0} MB/s were written: too few to show anything");
        Assert.InRange(most, Archive, (long)Room << 20);
        Assert.NotEmpty(gaps);
        Assert.InRange(gaps.Order().ElementAt(gaps.Count / 2), period * 0.7, period * 1.25);
        Assert.InRange(gaps.Max(), default, period * 5);
        var shown = (await machine.RunAsync("supervisor", "logs", "loud", "--since", "1h")).MustBe(0).Out;
        var number = int.Parse(shown.AsSpan(0, LineLength - 1), CultureInfo.InvariantCulture);
        Assert.InRange(number, First, First + Lines - KeptLines);
        foreach (var line in shown.AsSpan().EnumerateLines())
        {
            if (!line.IsEmpty && !line.SequenceEqual($"{number++}"))
            {
                Assert.Fail($"\"{line}\" stands where {number - 1} is due");
            }
        }

        Assert.Equal(First + Lines, number);
        Assert.Equal("1", SupervisedMachine.Text(await machine.StatusAsync("quiet"), "instance"));
    }

    private static long Used(string directory) =>
        Directory.GetFiles(directory, "loud.log*").Sum(TryLength);

    private static long TryLength(string path)
    {
        try
        {
            return new FileInfo(path).Length;
        }
        catch (FileNotFoundException)
        {
            return 0;
        }
    }

    /// <summary>Notes when somebody connects.</summary>
    private sealed class ProbedPort : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly ConcurrentQueue<long> _times = new();
        private readonly Task _accepting;

        internal ProbedPort()
        {
            _listener.Start(64);
            _accepting = Task.Factory.StartNew(
                Accept, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }

        internal int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        internal List<TimeSpan> Gaps()
        {
            var times = _times.ToArray();
            return [.. times.Zip(times.Skip(1), Stopwatch.GetElapsedTime)];
        }

        public async ValueTask DisposeAsync()
        {
            _listener.Stop();
            await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _listener.Dispose();
        }

        private void Accept()
        {
            while (true)
            {
                _listener.AcceptSocket().Dispose();
                _times.Enqueue(Stopwatch.GetTimestamp());
            }
        }
    }
}
