using System.Diagnostics;

namespace Drover.Architecture.Tests;

/// <summary>The checkout these tests look at: what git tracks, read as text.</summary>
internal static class Repository
{
    private static readonly Lazy<IReadOnlyList<string>> Tracked = new(ListTracked);

    public static string Root { get; } = FindRoot();

    /// <summary>Paths relative to the root, with forward slashes, of tracked and new unignored files.</summary>
    public static IReadOnlyList<string> Files => Tracked.Value;

    public static IEnumerable<string> SourceFiles(string below) =>
        Files.Where(
            file => file.StartsWith(below, StringComparison.Ordinal) && file.EndsWith(".cs", StringComparison.Ordinal));

    public static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

    public static bool Has(string path) =>
        File.Exists(Path.Combine(Root, path)) || Directory.Exists(Path.Combine(Root, path));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Drover.slnx")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName
            ?? throw new InvalidOperationException("cannot find Drover.slnx above the test's folder");
    }

    private static List<string> ListTracked()
    {
        var start = new ProcessStartInfo("git", "ls-files --cached --others --exclude-standard")
        {
            WorkingDirectory = Root,
            RedirectStandardOutput = true,
        };
        using var git = Process.Start(start)!;
        var output = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        Assert.Equal(0, git.ExitCode);
        return [
            .. output
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Where(file => File.Exists(Path.Combine(Root, file)))
        ];
    }
}
