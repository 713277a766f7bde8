using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Drover.Runtime.Auth;

/// <summary>
/// Who is at the other end of a unix socket, as the kernel noted it when the connection was made; nothing the peer
/// sends can change it. Source: unix(7), SO_PEERCRED.
/// </summary>
/// <param name="ProcessId">The peer's process id.</param>
/// <param name="UserId">The peer's effective user id.</param>
/// <param name="GroupId">The peer's effective group id.</param>
public readonly record struct PeerCredentials(int ProcessId, uint UserId, uint GroupId)
{
    private const int SocketLevel = 1;
    private const int PeerCredentialsOption = 17;
    private const int Size = 12;

    /// <summary>Reads them from a connected unix socket.</summary>
    /// <exception cref="SocketException">It is not one.</exception>
    public static PeerCredentials Of(Socket socket)
    {
        Span<byte> value = stackalloc byte[Size];
        var length = socket.GetRawSocketOption(SocketLevel, PeerCredentialsOption, value);
        if (length != Size)
        {
            throw new SocketException((int)SocketError.ProtocolOption);
        }

        var fields = MemoryMarshal.Cast<byte, int>(value);
        return new PeerCredentials(fields[0], (uint)fields[1], (uint)fields[2]);
    }

    /// <summary>The user's name from the password file, else <c>uid:N</c>.</summary>
    public static string NameOf(uint userId, string passwordFile = "/etc/passwd")
    {
        var id = userId.ToString(CultureInfo.InvariantCulture);
        try
        {
            foreach (var line in File.ReadLines(passwordFile))
            {
                var fields = line.Split(':');
                if (fields.Length > 2 && fields[2] == id)
                {
                    return fields[0];
                }
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A machine without a readable password file still has numbers.
        }

        return $"uid:{id}";
    }
}
