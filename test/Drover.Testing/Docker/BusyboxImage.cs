using System.Formats.Tar;
using System.Text;

namespace Drover.Testing.Docker;

/// <summary>A root file system of the distribution's static busybox, because no image can be pulled where tests
/// run.</summary>
internal static class BusyboxImage
{
    private static readonly string[] Places = ["/bin/busybox", "/usr/bin/busybox"];

    public static MemoryStream Tar()
    {
        var busybox = Array.Find(Places, File.Exists) ?? throw new InvalidOperationException(
            "These tests make their image of a static busybox and there is none. Install it: "
            + "apt-get install -y busybox-static (or: make setup)");

        var tar = new MemoryStream();
        using (var writer = new TarWriter(tar, TarEntryFormat.Ustar, leaveOpen: true))
        {
            foreach (var folder in (string[])["bin", "dev", "etc", "proc", "root", "sys", "tmp"])
            {
                writer.WriteEntry(new UstarTarEntry(TarEntryType.Directory, folder + "/") { Mode = Executable });
            }

            using var program = File.OpenRead(busybox);
            writer.WriteEntry(
                new UstarTarEntry(TarEntryType.RegularFile, "bin/busybox") { Mode = Executable, DataStream = program });
            foreach (var applet in Shell.Run(busybox, "--list").Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                if (applet is not "busybox")
                {
                    writer.WriteEntry(
                        new UstarTarEntry(TarEntryType.SymbolicLink, $"bin/{applet}") { LinkName = "busybox" });
                }
            }

            using var users = new MemoryStream(Encoding.ASCII.GetBytes("root:x:0:0:root:/root:/bin/sh\n"));
            writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, "etc/passwd") { DataStream = users });
        }

        tar.Position = 0;
        return tar;
    }

    private static UnixFileMode Executable =>
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
}
