using Drover.Runtime.Files;

namespace Drover.Runtime.Configuration;

/// <summary>
/// Where everything durable is kept: <c>DROVER_DATA_DIR</c>, else <c>/var/lib/drover</c> as root, else
/// <c>$XDG_DATA_HOME/drover</c> or <c>~/.local/share/drover</c>. It belongs to one user, who alone may enter it.
/// </summary>
public static class DataDirectory
{
    private const string OfRoot = "/var/lib/drover";

    /// <summary>The user this process acts as.</summary>
    public static uint EffectiveUser => NativeFile.EffectiveUser();

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

    /// <summary>
    /// Creates the directory (mode 0700) where it is missing, and checks that it is ours and can be written.
    /// </summary>
    /// <exception cref="ConfigurationException">It cannot be used; the sentence says why.</exception>
    public static void Ensure(string path)
    {
        try
        {
            OwnedDirectory.Ensure(path);
        }
        catch (DirectoryUnusableException error)
        {
            throw new ConfigurationException(error.Message, error)
            {
                Hint = $"{EnvironmentVariables.DataDirectory} or data_dir in drover.yaml choose another directory",
            };
        }
    }
}
