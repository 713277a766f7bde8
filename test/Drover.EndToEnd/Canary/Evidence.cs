using System.Text;

namespace Drover.EndToEnd.Canary;

/// <summary>Everything the system wrote, under the name of where it was found.</summary>
internal sealed class Evidence
{
    private readonly List<(string Where, byte[] Bytes)> _pieces = [];

    public IReadOnlyList<string> Places => [.. _pieces.Select(piece => piece.Where)];

    public void Add(string where, string text) => _pieces.Add((where, Encoding.UTF8.GetBytes(text)));

    public void Add(string where, Ended ended) => Add($"what `drover {where}` printed", ended.Out + ended.Error);

    /// <summary>The command line of a running process, as anybody on the machine can read it.</summary>
    public void AddCommandLine(DroverProcess process) =>
        _pieces.Add(($"command line of {process.Id}", File.ReadAllBytes($"/proc/{process.Id}/cmdline")));

    /// <summary>Every file below a folder but those whose very purpose is to hold a secret.</summary>
    public void AddFiles(string folder, IReadOnlyCollection<string> holders)
    {
        var everything = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 };
        var files = Directory.EnumerateFiles(folder, "*", everything);
        foreach (var file in files.Where(file => !holders.Contains(file) && IsRegular(file)))
        {
            _pieces.Add((Path.GetRelativePath(folder, file), File.ReadAllBytes(file)));
        }
    }

    /// <summary>Each secret that was found with where it was.</summary>
    public IReadOnlyList<string> Find(Secrets secrets) =>
        [.. _pieces.SelectMany(piece => secrets.In(piece.Bytes).Select(name => $"{name} is in {piece.Where}"))];

    private static bool IsRegular(string file) => new FileInfo(file) is { Length: > 0 } info
        && (info.Attributes & (FileAttributes.Directory | FileAttributes.Device | FileAttributes.ReparsePoint)) == 0;
}
