namespace Drover.Runtime.Processes;

/// <summary>
/// Recognises in what a program left in its log that it never ran: the dynamic loader refused it. Starting it again
/// will not help, a rebuild or a library will.
/// </summary>
public static class LoaderErrors
{
    // glibc leaves with 127, or with 1 when only a version is missing; musl with 127.
    private const int NotLoaded = 127;
    private const int VersionMissing = 1;

    private static readonly string[] Marks =
    [
        // glibc: "./x: /lib/libc.so.6: version `GLIBC_2.38' not found (required by ./x)"
        ": version `",
        // glibc: "./x: error while loading shared libraries: libfoo.so.1: cannot open shared object file: ..."
        "error while loading shared libraries: ",
        // glibc: "./x: symbol lookup error: ./x: undefined symbol: foo"
        "symbol lookup error: ",
        // musl: "Error loading shared library libfoo.so.1: No such file or directory (needed by ./x)"
        "Error loading shared library ",
        // musl: "Error relocating ./x: foo: symbol not found"
        "Error relocating ",
    ];

    /// <summary>What the loader said, or null when the end was another one.</summary>
    /// <param name="exit">How the program ended.</param>
    /// <param name="lastLines">The end of what it wrote, oldest first.</param>
    public static string? Find(ProcessExit exit, IEnumerable<string> lastLines) =>
        exit is ProcessExit.Code { Value: NotLoaded or VersionMissing }
            ? lastLines.Select(line => line.TrimEnd()).LastOrDefault(IsOne)
            : null;

    private static bool IsOne(string line) =>
        Array.Find(Marks, mark => line.Contains(mark, StringComparison.Ordinal)) is { } found
        && (found != Marks[0] || line.Contains("' not found", StringComparison.Ordinal));
}
