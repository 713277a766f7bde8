using System.Text;
using Drover.Runtime.Configuration;
using Drover.Runtime.Files;
using Drover.Supervisor.Documents;

namespace Drover.Supervisor.Containers;

/// <summary>
/// The files that carry a container's secrets into it: never in an argument or a variable, where <c>docker inspect</c>
/// and <c>/proc</c> would show them. They lie below a directory that only this user may enter, so that nobody else on
/// the host reaches them, and are readable within the container, whoever runs there. Written at each launch, because a
/// secret may have been exchanged; gone with the instance.
/// </summary>
internal static class ContainerSecrets
{
    private const UnixFileMode ReadableByAll = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private const UnixFileMode EnterableByAll = UnixFileMode.UserRead | UnixFileMode.UserWrite
        | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>Writes them; nothing when there are none.</summary>
    /// <exception cref="ConfigurationException">One cannot be read.</exception>
    /// <exception cref="IOException">One cannot be written.</exception>
    internal static void Write(string directory, ContainerLaunch launch)
    {
        Remove(directory);
        if (launch.Secrets.Count == 0)
        {
            return;
        }

        OwnedDirectory.Ensure(Path.GetDirectoryName(directory)!);
        File.SetUnixFileMode(
            Path.GetDirectoryName(directory)!,
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Directory.CreateDirectory(directory, EnterableByAll);
        // The mask of the process may have taken rights away.
        File.SetUnixFileMode(directory, EnterableByAll);
        foreach (var (name, source) in launch.Secrets)
        {
            var path = Path.Combine(directory, name);
            AtomicFile.Write(path, Encoding.UTF8.GetBytes(source.Read().Reveal()));
            File.SetUnixFileMode(path, ReadableByAll);
        }
    }

    /// <summary>
    /// Takes the files away; the directory stays, because a container that is started again mounts it.
    /// </summary>
    internal static void Remove(string directory)
    {
        if (!Directory.Exists(directory))
        {
            return;
        }

        foreach (var file in Directory.GetFiles(directory))
        {
            File.Delete(file);
        }
    }
}
