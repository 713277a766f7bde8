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

    internal void Send(params ReadOnlySpan<string> lines)
    {
        if (string.IsNullOrEmpty(address))
        {
            return;
        }

        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            socket.Blocking = false;
            socket.SendTo(Encoding.UTF8.GetBytes(string.Join('\n', lines!)), EndPointOf(address));
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

    /// <summary>A name that begins with @ is one of the abstract namespace. Source: unix(7).</summary>
    private static UnixDomainSocketEndPoint EndPointOf(string address) =>
        new(address[0] == '@' ? "\0" + address[1..] : address);
}
