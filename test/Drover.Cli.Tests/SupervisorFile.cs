using Drover.Configuration;
using Drover.Runtime.Configuration;
using Drover.Supervisor.Documents;

namespace Drover.Cli.Tests;

/// <summary>A drover.yaml in a directory of its own.</summary>
internal sealed class SupervisorFile : IDisposable
{
    public SupervisorFile(string text)
    {
        Directory = System.IO.Directory.CreateTempSubdirectory("drover-yaml-").FullName;
        Path = System.IO.Path.Combine(Directory, "drover.yaml");
        File.WriteAllText(Path, text);
    }

    public string Directory { get; }

    public string Path { get; }

    /// <summary>What it says; fails with its problems where it has any.</summary>
    public static SupervisorDocument Document(string text, Func<string, string?>? environment = null)
    {
        using var file = new SupervisorFile(text);
        var document = Settings.Read(file.Path, new EnvironmentVariables(environment ?? (_ => null)));
        Assert.Empty(document.Problems);
        return Settings.Load(file.Path, new EnvironmentVariables(environment ?? (_ => null))).Supervisor();
    }

    /// <summary>Everything that is wrong with it, as <c>line:column: sentence</c>.</summary>
    public static IReadOnlyList<string> Problems(string text)
    {
        using var file = new SupervisorFile(text);
        var document = Settings.Read(file.Path, new EnvironmentVariables(_ => null));
        return [.. document.Problems.Select(one => one.ToString())];
    }

    public void Dispose() => System.IO.Directory.Delete(Directory, recursive: true);
}
