namespace Drover.Gateway.Swarm;

/// <summary>
/// The container that this process runs in. Docker mounts files of its own (<c>/etc/hostname</c> and two more) into
/// each container from a directory that bears the container's id, which no setting of a service changes, unlike the
/// host's name.
/// </summary>
internal static class OwnContainer
{
    private const string MountTable = "/proc/self/mountinfo";
    private const string Before = "/containers/";
    private const int IdLength = 64;

    /// <summary>Its id; null: this process runs in none.</summary>
    public static string? Id()
    {
        try
        {
            return Find(File.ReadLines(MountTable));
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Finds it in the lines of a mount table (proc(5), mountinfo: the fourth field is what is mounted, the
    /// fifth where).</summary>
    public static string? Find(IEnumerable<string> mounts)
    {
        foreach (var mount in mounts)
        {
            var fields = mount.Split(' ');
            if (fields.Length > 4
                && fields[4] is "/etc/hostname" or "/etc/resolv.conf" or "/etc/hosts"
                && IdIn(fields[3]) is { } id)
            {
                return id;
            }
        }

        return null;
    }

    private static string? IdIn(string source)
    {
        var at = source.LastIndexOf(Before, StringComparison.Ordinal);
        if (at < 0 || source.Length < at + Before.Length + IdLength)
        {
            return null;
        }

        var id = source.Substring(at + Before.Length, IdLength);
        return id.All(char.IsAsciiHexDigitLower) ? id : null;
    }
}
