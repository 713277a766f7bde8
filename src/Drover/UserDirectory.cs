using Drover.Runtime.Configuration;
using Drover.Runtime.Files;

namespace Drover;

/// <summary>
/// Where the command line keeps what belongs to the person and not to this machine's Drover: a login, tokens that were
/// not printed. <c>$XDG_CONFIG_HOME/drover</c>, else <c>~/.config/drover</c>; its owner alone may enter it.
/// </summary>
internal static class UserDirectory
{
    /// <summary>A path in it.</summary>
    /// <exception cref="ConfigurationException">The person has no home directory.</exception>
    public static string File(EnvironmentVariables environment, params string[] names)
    {
        if (environment["XDG_CONFIG_HOME"] is { } config)
        {
            return Path.Combine([config, "drover", .. names]);
        }

        return environment["HOME"] is { } home
            ? Path.Combine([home, ".config", "drover", .. names])
            : throw new ConfigurationException("cannot choose a directory for your files: HOME is not set")
            {
                Hint = "set HOME or XDG_CONFIG_HOME",
            };
    }

    /// <summary>Makes the directories of a path in it, for its owner alone.</summary>
    public static void Prepare(string file)
    {
        var folder = Path.GetDirectoryName(file)!;
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder, AtomicFile.OwnerOnly | UnixFileMode.UserExecute);
        }
    }
}
