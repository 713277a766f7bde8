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

    private readonly FakeClock _clock = new();

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

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference<byte[]> Garbage() => new(new byte[1 << 20]);

    private SettledMemory Memory(string executable) => new(executable, _clock, NullLogger<SettledMemory>.Instance);

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
