using System.Globalization;
using Drover.Runtime.Files;

namespace Drover.Supervisor.Logs;

/// <summary>
/// Where everything about logs lies: <c>NAME.log</c> is the component's own, <c>NAME.log.TIME.OFFSET</c> are its
/// archives, <c>.keeper/</c> holds what the keeper notes. A name that is no plain file name never reaches the disk.
/// </summary>
internal sealed class LogDirectory(string path)
{
    /// <summary>Readable by the group, as logs are: <c>rw-r-----</c>.</summary>
    public const UnixFileMode FileMode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;

    private const UnixFileMode DirectoryMode = FileMode | UnixFileMode.UserExecute | UnixFileMode.GroupExecute;
    private const int MaxNameLength = 128;

    /// <summary>The directory.</summary>
    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>The keeper's own notes.</summary>
    public string Notes => System.IO.Path.Combine(Path, ".keeper");

    /// <summary>The file the component writes to.</summary>
    public string LiveOf(string name) => System.IO.Path.Combine(Path, Checked(name) + ".log");

    /// <summary>Where its bytes are, as <see cref="LogState"/>.</summary>
    public string StateOf(string name) => System.IO.Path.Combine(Notes, Checked(name) + ".state");

    /// <summary>When its bytes were written, as <see cref="LogTimeline"/>.</summary>
    public string TimesOf(string name) => System.IO.Path.Combine(Notes, Checked(name) + ".times");

    /// <summary>An archive that is being written.</summary>
    public string UnfinishedArchiveOf(string name) => System.IO.Path.Combine(Notes, Checked(name) + ".rotating");

    /// <summary>The archive that begins with byte <paramref name="from"/> of all the component ever wrote. The offset
    /// orders archives also over a clock that was set back.</summary>
    public string ArchiveOf(string name, DateTimeOffset at, long from) => System.IO.Path.Combine(
        Path,
        string.Create(
            CultureInfo.InvariantCulture, $"{Checked(name)}.log.{at.UtcDateTime:yyyyMMdd-HHmmss}.{from:D16}"));

    /// <summary>Makes the directories (0750) and the component's file (0640) where they are missing.</summary>
    /// <exception cref="IOException">They cannot be made, or something else stands in their place.</exception>
    public void Prepare(string name)
    {
        Directory.CreateDirectory(Path, DirectoryMode);
        Directory.CreateDirectory(Notes, DirectoryMode);
        GrowingFile.OpenOrCreate(LiveOf(name), FileMode).Dispose();
    }

    /// <summary>The component's archives, oldest first. Whatever else lies there is none.</summary>
    public IReadOnlyList<LogArchive> ArchivesOf(string name)
    {
        var prefix = Checked(name) + ".log.";
        try
        {
            return
            [
                .. Directory.EnumerateFiles(Path, prefix + "*")
                    .Select(file => LogArchive.TryRead(file, prefix))
                    .OfType<LogArchive>()
                    .OrderBy(archive => archive.From),
            ];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    /// <summary>True for lower case letters, digits, <c>_ . -</c>, beginning with a letter or digit.</summary>
    public static bool IsName(string name) =>
        name.Length is > 0 and <= MaxNameLength
        && (char.IsAsciiLetterLower(name[0]) || char.IsAsciiDigit(name[0]))
        && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '_' or '.' or '-');

    private static string Checked(string name) => IsName(name)
        ? name
        : throw new ArgumentException($"\"{name}\" is no name of a component", nameof(name));
}
