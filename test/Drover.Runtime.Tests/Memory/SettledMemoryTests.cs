using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Drover.Runtime.Memory;
using Drover.Testing.Time;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.Runtime.Tests.Memory;

/// <summary>This process gives pages of its own files back while it uses them.</summary>
public sealed class SettledMemoryTests
{
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan BetweenReadings = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(30);

    private readonly FakeClock _clock = new();
    private ProcessUse _use = new(20_000, default);

    [Theory]
    [InlineData("libcoreclr.so")]
    [InlineData("System.Private.CoreLib.dll")]
    public async Task Pages_are_given_back_after_the_second_reading_and_everything_goes_on_working(string file)
    {
        var path = Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, file);
        var before = ResidentOf(path);
        var given = Memory(path).GiveBackOnceAsync(TestContext.Current.CancellationToken);
        await AdvanceAsync(Settling);
        Assert.False(given.IsCompleted);
        await AdvanceAsync(BetweenReadings);

        var kilobytes = await given;

        Assert.True(before > 0, $"this process has nothing of {path} in memory");
        Assert.True(kilobytes > 0, $"nothing was given back of {before} kB");
        await WorkAsync();
        GC.Collect();
        await WorkAsync();
    }

    [Fact]
    public async Task Of_its_own_executable_the_process_gives_back_pages_and_lives()
    {
        var given = new SettledMemory(_clock, NullLogger<SettledMemory>.Instance)
            .GiveBackOnceAsync(TestContext.Current.CancellationToken);
        await AdvanceAsync(Settling);
        await AdvanceAsync(BetweenReadings);

        Assert.True(await given > 0);
        await WorkAsync();
    }

    [Fact]
    public async Task Of_shared_libraries_pages_are_given_back_too_and_everything_goes_on_working()
    {
        await WorkAsync();
        var given = Memory("/nowhere/drover").GiveBackOnceAsync(TestContext.Current.CancellationToken);
        await AdvanceAsync(Settling);
        await AdvanceAsync(BetweenReadings);

        Assert.True(await given > 0);
        await WorkAsync();
        GC.Collect();
        await WorkAsync();
    }

    [Fact]
    public async Task What_the_start_left_to_the_collector_is_collected()
    {
        var left = Garbage();
        var given = Memory("/nowhere/drover").GiveBackOnceAsync(TestContext.Current.CancellationToken);
        await AdvanceAsync(Settling);
        await AdvanceAsync(BetweenReadings);
        await given;

        Assert.False(left.TryGetTarget(out _));
    }

    [Fact]
    public async Task A_role_that_ends_before_it_settled_ends_the_wait()
    {
        using var ending = new CancellationTokenSource();
        var given = Memory("/nowhere/drover").GiveBackOnceAsync(ending.Token);

        await ending.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
    }

    [Fact]
    public async Task What_work_brought_in_later_is_given_back_too_once_it_is_quiet()
    {
        using var ending = new CancellationTokenSource();
        var memory = Played();
        var staying = memory.StaySmallAsync(ending.Token);
        await AdvanceAsync(Settling);
        await AdvanceAsync(BetweenReadings);
        await _clock.WaitForTimerAsync(BetweenLooks, TestContext.Current.CancellationToken);
        var left = Garbage();
        _use = new ProcessUse(40_000, TimeSpan.FromSeconds(3));
        await AdvanceAsync(BetweenLooks);

        // It grew and worked up to the first look; at the second nothing more has happened.
        await _clock.WaitForTimerAsync(BetweenLooks, TestContext.Current.CancellationToken);
        Assert.Equal(1, memory.Times);
        await AdvanceAsync(BetweenLooks);
        await AdvanceAsync(BetweenReadings);
        await _clock.WaitForTimerAsync(BetweenLooks, TestContext.Current.CancellationToken);

        Assert.Equal(2, memory.Times);
        Assert.False(left.TryGetTarget(out _));
        await EndAsync(staying, ending);
    }

    [Theory]
    [InlineData(20_000, 0, 0)]
    [InlineData(23_000, 0, 0)]
    [InlineData(40_000, 600, 0)]
    [InlineData(40_000, 0, 700)]
    public async Task What_hardly_grew_or_is_at_work_is_left_alone(
        long resident, long kilobytesALook, double millisecondsALook)
    {
        using var ending = new CancellationTokenSource();
        var memory = Played();
        var staying = memory.StaySmallAsync(ending.Token);
        await AdvanceAsync(Settling);
        await AdvanceAsync(BetweenReadings);
        await _clock.WaitForTimerAsync(BetweenLooks, TestContext.Current.CancellationToken);
        _use = _use with { ResidentKilobytes = resident };
        for (var look = 0; look < 20; look++)
        {
            _use = new ProcessUse(
                _use.ResidentKilobytes + kilobytesALook,
                _use.ProcessorTime + TimeSpan.FromMilliseconds(millisecondsALook));
            await AdvanceAsync(BetweenLooks);
        }

        await _clock.WaitForTimerAsync(BetweenLooks, TestContext.Current.CancellationToken);
        Assert.Equal(1, memory.Times);
        await EndAsync(staying, ending);
    }

    [Fact]
    public async Task What_always_comes_back_is_given_back_ever_more_rarely_and_once_an_hour_in_the_end()
    {
        using var ending = new CancellationTokenSource();
        var (seen, times) = (0, new List<TimeSpan>());
        SettledMemory? memory = null;
        memory = new SettledMemory(
            "/nowhere/drover",
            () =>
            {
                if (memory!.Times == seen)
                {
                    return new ProcessUse(40_000, default);
                }

                seen = memory.Times;
                times.Add(_clock.Elapsed);
                return new ProcessUse(20_000, default);
            },
            _clock,
            NullLogger<SettledMemory>.Instance);
        var staying = memory.StaySmallAsync(ending.Token);
        while (_clock.Elapsed < TimeSpan.FromHours(8))
        {
            await _clock.WaitForTimersAsync(1, TestContext.Current.CancellationToken);
            _clock.AdvanceToNextTimer();
        }

        await _clock.WaitForTimersAsync(1, TestContext.Current.CancellationToken);
        var rests = times.Zip(times.Skip(1), (one, next) => next - one).ToList();
        Assert.InRange(times.Count, 8, 16);
        Assert.Equal(rests.Order(), rests);
        Assert.InRange(rests[0], TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(2));
        Assert.InRange(rests[^1], TimeSpan.FromHours(1), TimeSpan.FromMinutes(62));
        await EndAsync(staying, ending);
    }

    [Fact]
    public void What_the_process_takes_is_what_the_system_says()
    {
        var before = ProcessUse.Now();
        var word = File.ReadLines("/proc/self/status")
            .First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2];
        var kilobytes = long.Parse(word, System.Globalization.CultureInfo.InvariantCulture);

        // Other tests of this process come and go meanwhile.
        Assert.InRange(before.ResidentKilobytes, kilobytes * 0.7, kilobytes * 1.3);
        Assert.True(SpinWait.SpinUntil(() => ProcessUse.Now().ProcessorTime > before.ProcessorTime, Settling));
    }

    private SettledMemory Played() =>
        new("/nowhere/drover", () => _use, _clock, NullLogger<SettledMemory>.Instance);

    private static async Task EndAsync(Task staying, CancellationTokenSource ending)
    {
        await ending.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => staying);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference<byte[]> Garbage() => new(new byte[1 << 20]);

    private SettledMemory Memory(string executable) =>
        new(executable, ProcessUse.Now, _clock, NullLogger<SettledMemory>.Instance);

    private async Task AdvanceAsync(TimeSpan by)
    {
        await _clock.WaitForTimerAsync(by, TestContext.Current.CancellationToken);
        _clock.Advance(by);
    }

    private static long ResidentOf(string path)
    {
        using var smaps = File.OpenText("/proc/self/smaps");
        return MemoryMapping.Parse(smaps)
            .Where(mapping => mapping.IsUnwritten && mapping.Place.File == path)
            .Sum(mapping => mapping.ResidentKilobytes ?? 0);
    }

    /// <summary>Compiled code, the runtime, the garbage collector, cryptography and the network, with a known
    /// result.</summary>
    private static async Task WorkAsync()
    {
        Assert.Equal(
            "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
            Convert.ToHexString(SHA256.HashData(Encoding.ASCII.GetBytes("abc"))));
        var numbers = Enumerable.Range(0, 10_000).ToDictionary(number => $"n{number}", number => number * 2);
        using var document = JsonDocument.Parse(JsonSerializer.Serialize(numbers));
        Assert.Equal(19_998, document.RootElement.GetProperty("n9999").GetInt32());
        Assert.Throws<FormatException>(() => int.Parse("no"));

        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new TcpClient();
        var accepting = listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint, TestContext.Current.CancellationToken);
        using var accepted = await accepting;
        await client.GetStream().WriteAsync(new byte[] { 42 }, TestContext.Current.CancellationToken);
        Assert.Equal(42, accepted.GetStream().ReadByte());
    }
}
