using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;

namespace Drover.Testing.Executable;

/// <summary>
/// Hears what a daemon says to its service manager, as systemd would: one datagram a message, in their order, with when
/// each came.
/// </summary>
public sealed class FakeServiceManager : IDisposable
{
    private const int LongestMessage = 8192;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly ConcurrentQueue<(long At, string Text)> _heard = new();
    private readonly string? _file;
    private readonly Task _hearing;

    /// <param name="folder">Where its socket lies; null for a name of the abstract namespace.</param>
    public FakeServiceManager(string? folder)
    {
        _file = folder is null ? null : Path.Combine(folder, $"notify-{Guid.NewGuid():N}");
        Address = _file ?? $"@drover-test-{Guid.NewGuid():N}";
        _socket.Bind(new UnixDomainSocketEndPoint(_file ?? "\0" + Address[1..]));
        _hearing = Task.Run(HearAsync);
    }

    /// <summary>As it stands in <c>NOTIFY_SOCKET</c>.</summary>
    public string Address { get; }

    /// <summary>All messages so far, each with its lines.</summary>
    public IReadOnlyList<string> Heard => [.. _heard.Select(one => one.Text)];

    /// <summary>How long ago the last message with that line came.</summary>
    public TimeSpan Since(string line) =>
        TimeProvider.System.GetElapsedTime(_heard.Last(one => Has(one.Text, line)).At);

    /// <summary>How many messages with that line came.</summary>
    public int Count(string line) => _heard.Count(one => Has(one.Text, line));

    /// <summary>Waits until one came; the message with all its lines.</summary>
    public async Task<string> UntilAsync(Func<string, bool> wanted, string what)
    {
        await UntilAsync(() => _heard.Any(one => wanted(one.Text)), what);
        return _heard.First(one => wanted(one.Text)).Text;
    }

    /// <summary>Waits until a line that begins so came; the message with all its lines.</summary>
    public Task<string> UntilAsync(string beginning) => UntilAsync(
        message => message.Split('\n').Any(line => line.StartsWith(beginning, StringComparison.Ordinal)), beginning);

    /// <summary>Waits until what was heard is as wanted.</summary>
    public async Task UntilAsync(Func<bool> condition, string what)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            if (TimeProvider.System.GetElapsedTime(began) > Limit)
            {
                throw new TimeoutException($"waited in vain for {what}; heard:\n{string.Join("\n--\n", Heard)}");
            }

            await Task.Delay(Pause);
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        _hearing.Wait();
        if (_file is not null)
        {
            File.Delete(_file);
        }
    }

    private static bool Has(string message, string line) => message.Split('\n').Contains(line);

    private async Task HearAsync()
    {
        var buffer = new byte[LongestMessage];
        try
        {
            while (true)
            {
                var length = await _socket.ReceiveAsync(buffer, SocketFlags.None);
                _heard.Enqueue((TimeProvider.System.GetTimestamp(), Encoding.UTF8.GetString(buffer, 0, length)));
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The end of the test.
        }
    }
}
