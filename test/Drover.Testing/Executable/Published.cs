namespace Drover.Testing.Executable;

/// <summary>The file that ships: what end-to-end and fault tests drive.</summary>
public static class Published
{
    /// <summary>Its path: <c>DROVER_PUBLISHED</c>, else where <c>make publish</c> leaves it.</summary>
    public static string Path { get; } = Find();

    private static string Find()
    {
        if (Environment.GetEnvironmentVariable("DROVER_PUBLISHED") is { Length: > 0 } given)
        {
            return File.Exists(given) ? given : throw Missing(given);
        }

        for (var at = AppContext.BaseDirectory; at is not null; at = System.IO.Path.GetDirectoryName(at))
        {
            if (File.Exists(System.IO.Path.Combine(at, "Drover.slnx")))
            {
                var path = System.IO.Path.Combine(at, "artifacts/publish/Drover/release/drover");
                return File.Exists(path) ? path : throw Missing(path);
            }
        }

        throw Missing("artifacts/publish/Drover/release/drover");
    }

    private static FileNotFoundException Missing(string path) =>
        new($"these tests drive the published file and \"{path}\" is not there: run `make publish`");
}
