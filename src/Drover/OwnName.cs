using Drover.Runtime.Configuration;

namespace Drover;

/// <summary>
/// What a person types to call this executable again: its name where the PATH leads to it, else the way to it. What a
/// role tells people to type next is to work as it stands.
/// </summary>
internal static class OwnName
{
    private const string Name = "drover";

    /// <summary>The word a command line begins with.</summary>
    /// <param name="environment">For PATH.</param>
    /// <param name="executable">The file of this process; null where the system does not say.</param>
    /// <param name="workingDirectory">Where the person stands.</param>
    public static string Of(EnvironmentVariables environment, string? executable, string workingDirectory)
    {
        if (executable is null || environment["PATH"]?.Split(':').Any(folder => Leads(folder, executable)) is true)
        {
            return Name;
        }

        return Path.GetDirectoryName(executable) == workingDirectory
            ? $"./{Quoted(Path.GetFileName(executable))}"
            : Quoted(executable);
    }

    /// <summary>
    /// How a command line in another terminal begins that is to find this drover: what this one was told by its
    /// environment or its options is to be said again there.
    /// </summary>
    /// <param name="environment">For PATH and the data directory.</param>
    /// <param name="dataDirectory">The data directory.</param>
    /// <param name="configFile">What --config named; null when it was not given.</param>
    /// <param name="executable">The file of this process.</param>
    /// <param name="workingDirectory">Where the person stands.</param>
    public static string Again(
        EnvironmentVariables environment,
        string dataDirectory,
        string? configFile,
        string? executable,
        string workingDirectory)
    {
        var where = environment[EnvironmentVariables.DataDirectory] is null
            ? ""
            : $"{EnvironmentVariables.DataDirectory}={Quoted(dataDirectory)} ";
        var how = configFile is null ? "" : $" --config {Quoted(Path.GetFullPath(configFile, workingDirectory))}";
        return $"{where}{Of(environment, executable, workingDirectory)}{how}";
    }

    private static bool Leads(string folder, string executable)
    {
        if (folder.Length == 0)
        {
            return false;
        }

        var file = new FileInfo(Path.Combine(folder, Name));
        try
        {
            return file.Exists && (file.ResolveLinkTarget(returnFinalTarget: true) ?? file).FullName == executable;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string Quoted(string path) =>
        path.All(one => char.IsAsciiLetterOrDigit(one) || "/._-+@".Contains(one, StringComparison.Ordinal))
            ? path
            : $"'{path.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
