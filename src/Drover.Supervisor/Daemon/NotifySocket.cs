using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Drover.Supervisor.Daemon;

/// <summary>
/// Tells whoever started this process how it is: one datagram a message to the socket of <c>NOTIFY_SOCKET</c>. Where
/// there is none, and when it cannot be delivered, nothing happens: a supervisor does not fail for want of a listener.
/// Source: sd_notify(3).
/// </summary>
internal sealed class NotifySocket(string? address)
{
    internal const string Ready = "READY=1";
    internal const string Reloading = "RELOADING=1";
    internal const string Stopping = "STOPPING=1";
    internal const string Alive = "WATCHDOG=1";

    /// <summary>The longest reason that is sent along.</summary>
    private const int LongestStatus = 1024;

    /// <summary>A listener that does not read for so long goes without the message.</summary>
    private const int PatienceMilliseconds = 2000;

    /// <summary>False when all that is sent goes nowhere.</summary>
    internal bool HasListener => !string.IsNullOrEmpty(address);

    internal void Send(params ReadOnlySpan<string> lines)
    {
        if (!HasListener)
        {
            return;
        }

        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

            // The listener's queue may be full for a moment, and a lost READY=1 is a start that failed.
            socket.SendTimeout = PatienceMilliseconds;
            socket.SendTo(Encoding.UTF8.GetBytes(string.Join('\n', lines!)), EndPointOf(address!));
        }
        catch (Exception error) when (error is SocketException or ArgumentException)
        {
            // Nobody listens, or the name is none.
        }
    }

    /// <summary>One line for people.</summary>
    internal static string Status(string text)
    {
        var line = text.ReplaceLineEndings(" ");
        return "STATUS=" + (line.Length > LongestStatus ? line[..LongestStatus] : line);
    }

    /// <summary>An instant of CLOCK_MONOTONIC, by which the manager tells an old reload from its own.</summary>
    internal static string Instant(TimeSpan now) => Microseconds("MONOTONIC_USEC", now);

    /// <summary>The manager may wait so much longer, from now on, for another message or for the end.</summary>
    internal static string Extend(TimeSpan by) => Microseconds("EXTEND_TIMEOUT_USEC", by);

    /// <summary>The process that is the service from now on.</summary>
    internal static string MainProcess(int pid) => string.Create(CultureInfo.InvariantCulture, $"MAINPID={pid}");

    private static string Microseconds(string name, TimeSpan span) =>
        string.Create(CultureInfo.InvariantCulture, $"{name}={(long)span.TotalMicroseconds}");

    /// <summary>A name that begins with @ is one of the abstract namespace. Source: unix(7).</summary>
    private static UnixDomainSocketEndPoint EndPointOf(string address) =>
        new(address[0] == '@' ? "\0" + address[1..] : address);
}
