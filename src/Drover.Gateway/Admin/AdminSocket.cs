using System.Text;

namespace Drover.Gateway.Admin;

/// <summary>
/// The unix socket by which the verbs of the same machine reach a gateway: the kernel says who calls, so that no token
/// is needed there.
/// </summary>
public static class AdminSocket
{
    // Bytes of sun_path, its last one a zero. Source: unix(7).
    private const int MostBytes = 107;

    /// <summary>The socket of the gateway of that data directory.</summary>
    public static string PathIn(string dataDirectory) => new GatewayPaths(dataDirectory).AdminSocket;

    /// <summary>Why no socket can have that path; null when one can.</summary>
    internal static string? Objection(string path)
    {
        var bytes = Encoding.UTF8.GetByteCount(path);
        return bytes <= MostBytes
            ? null
            : $"cannot use the socket \"{path}\": its path takes {bytes} bytes and the system allows {MostBytes}; "
                + "choose a shorter data directory";
    }
}
