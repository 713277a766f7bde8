namespace Drover.Bench;

/// <summary>A folder of its own for one scenario, removed afterwards.</summary>
internal sealed class Workspace : IDisposable
{
    public Workspace()
    {
        Folder = Directory.CreateTempSubdirectory("drover-bench-").FullName;
        Data = Path.Combine(Folder, "data");
        Environment = new Dictionary<string, string>
        {
            ["HOME"] = Folder,
            ["DROVER_DATA_DIR"] = Data,
            ["NO_COLOR"] = "1",
        };
    }

    public string Folder { get; }

    public string Data { get; }

    public Dictionary<string, string> Environment { get; }

    /// <summary>Writes drover.yaml and returns its path.</summary>
    public string Configure(string yaml)
    {
        var file = Path.Combine(Folder, "drover.yaml");
        File.WriteAllText(file, yaml);
        return file;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
