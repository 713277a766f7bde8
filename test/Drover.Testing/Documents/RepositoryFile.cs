namespace Drover.Testing.Documents;

/// <summary>Files of the checkout these tests were built in.</summary>
public static class RepositoryFile
{
    private static readonly Lazy<string> Root = new(FindRoot);

    /// <summary>A file by its path from the root of the checkout.</summary>
    public static string Read(string path) => File.ReadAllText(Path.Combine(Root.Value, path));

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
