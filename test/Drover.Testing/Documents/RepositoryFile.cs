namespace Drover.Testing.Documents;

/// <summary>Files of the checkout these tests were built in.</summary>
public static class RepositoryFile
{
    private static readonly string[] Folders = ["docs", "deploy", "src", "test", "bench", "eng"];
    private static readonly Lazy<string> Root = new(FindRoot);

    /// <summary>A file by its path from the root of the checkout.</summary>
    public static string Read(string path) => File.ReadAllText(Path.Combine(Root.Value, path));

    /// <summary>Where a file of the checkout is, by its path from the root.</summary>
    public static string PathOf(string path) => Path.Combine(Root.Value, path);

    /// <summary>Markdown files, by their path from the root; what builds leave is not looked at.</summary>
    public static IReadOnlyList<string> Documents() =>
    [
        .. Directory.EnumerateFiles(Root.Value, "*.md", SearchOption.TopDirectoryOnly)
            .Concat(Folders.Select(folder => Path.Combine(Root.Value, folder))
                .Where(Directory.Exists)
                .SelectMany(folder => Directory.EnumerateFiles(folder, "*.md", SearchOption.AllDirectories)))
            .Select(file => Path.GetRelativePath(Root.Value, file))
            .Order(StringComparer.Ordinal),
    ];

    private static string FindRoot()
    {
        var at = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(at, "Drover.slnx")))
        {
            at = Path.GetDirectoryName(at)
                ?? throw new InvalidOperationException("the tests run outside the repository");
        }

        return at;
    }
}
