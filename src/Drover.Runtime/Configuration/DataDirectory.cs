using System.Runtime.InteropServices;

namespace Drover.Runtime.Configuration;

/// <summary>
/// Where everything durable is kept: <c>DROVER_DATA_DIR</c>, else <c>/var/lib/drover</c> as root, else
/// <c>$XDG_DATA_HOME/drover</c> or <c>~/.local/share/drover</c>. It belongs to one user, who alone may enter it.
/// </summary>
public static partial class DataDirectory
{
    private const string OfRoot = "/var/lib/drover";
    private const string Probe = ".write-probe";
    private const int AtWorkingDirectory = -100; // AT_FDCWD
    private const uint MaskUid = 0x8; // STATX_UID
    private const int StatxSize = 256;
    private const int StatxUidOffset = 20; // struct statx: mask, blksize, attributes, nlink, then uid

    /// <summary>The user this process acts as.</summary>
    public static uint EffectiveUser => GetEffectiveUserId();

    /// <summary>The directory that holds without any word in drover.yaml.</summary>
    /// <exception cref="ConfigurationException">The user has no home directory.</exception>
    public static string Default(EnvironmentVariables environment) => Default(environment, EffectiveUser);

    internal static string Default(EnvironmentVariables environment, uint user)
    {
        if (environment[EnvironmentVariables.DataDirectory] is { } chosen)
        {
            return Path.GetFullPath(chosen);
        }

        if (user == 0)
        {
            return OfRoot;
        }

        if (environment["XDG_DATA_HOME"] is { } dataHome)
        {
            return Path.Combine(dataHome, "drover");
        }

        return environment["HOME"] is { } home
            ? Path.Combine(home, ".local/share/drover")
            : throw new ConfigurationException("cannot choose a data directory: HOME is not set")
            {
                Hint = $"set {EnvironmentVariables.DataDirectory}",
            };
    }

    /// <summary>Creates the directory (mode 0700) where it is missing, and checks that it is ours and can be written.</summary>
    /// <exception cref="ConfigurationException">It cannot be used; the sentence says why.</exception>
    public static void Ensure(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        try
        {
            if (!Directory.Exists(path))
            {
                Directory.CreateDirectory(path, Private);
            }

            var user = EffectiveUser;
            if (OwnerOf(path) is { } owner && owner != user)
            {
                throw Refuse(path, $"it belongs to the user with id {owner} and drover runs as the user with id {user}");
            }

            var probe = Path.Combine(path, Probe);
            using (File.Create(probe))
            {
            }

            File.Delete(probe);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Refuse(path, Why(path, error), error);
        }
    }

    private static string Why(string path, Exception error) => error switch
    {
        _ when File.Exists(path) => "it is a file",
        UnauthorizedAccessException => "this user may not write there",
        _ => error.Message,
    };

    private static ConfigurationException Refuse(string path, string why, Exception? cause = null) =>
        new($"cannot use the data directory \"{path}\": {why}", cause!)
        {
            Hint = $"run drover as the user who owns it, or choose another directory with {EnvironmentVariables.DataDirectory} "
                + "or data_dir in drover.yaml",
        };

    private static uint? OwnerOf(string path)
    {
        var buffer = new byte[StatxSize];
        return Statx(AtWorkingDirectory, path, 0, MaskUid, buffer) == 0
            ? BitConverter.ToUInt32(buffer, StatxUidOffset)
            : null;
    }

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUserId();

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, [Out] byte[] buffer);
}
