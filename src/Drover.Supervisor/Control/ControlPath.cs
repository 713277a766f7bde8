using System.Text;

namespace Drover.Supervisor.Control;

/// <summary>Where the control socket is, and the one thing that can be wrong with that.</summary>
public static class ControlPath
{
    /// <summary>Bytes of <c>sun_path</c>, its last one a zero. Source: unix(7).</summary>
    private const int MaxBytes = 107;

    /// <summary>The socket of the supervisor of that data directory.</summary>
    public static string Of(string dataDirectory) =>
        Path.Combine(Path.GetFullPath(dataDirectory), "supervisor", "control.sock");

    /// <summary>Why no socket can have that path; null when one can.</summary>
    public static string? Objection(string path)
    {
        var bytes = Encoding.UTF8.GetByteCount(path);
        return bytes <= MaxBytes
            ? null
            : $"cannot use the socket \"{path}\": its path takes {bytes} bytes and the system allows {MaxBytes}; "
                + "choose a shorter data directory";
    }
}
