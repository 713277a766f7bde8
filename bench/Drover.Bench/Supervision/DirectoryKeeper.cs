namespace Drover.Bench.Supervision;

/// <summary>What runit and s6 share: a directory a service, with what is to be run in it.</summary>
internal abstract class DirectoryKeeper(StampProgram program) : Keeper(program)
{
    /// <summary>They start the program in its service's own directory and give it no path.</summary>
    protected override string PipePath => Path.Combine(ServiceFolder, NameOf(0), "pipe");

    protected string ServiceFolder => Directory.CreateDirectory(Path.Combine(Folder, "services")).FullName;

    protected IReadOnlyList<string> Services { get; private set; } = [];

    protected abstract (string Program, string[] Arguments) Scanner { get; }

    public override Task StartAsync(int components, CancellationToken cancellationToken)
    {
        Services = [.. Enumerable.Range(0, components).Select(number => Path.Combine(ServiceFolder, NameOf(number)))];
        foreach (var service in Services)
        {
            Directory.CreateDirectory(service);

            // They run whatever stands there, and find the same file behind every name.
            File.CreateSymbolicLink(Path.Combine(service, "run"), Program.Path);
        }

        Run(Scanner.Program, Scanner.Arguments);
        return Task.CompletedTask;
    }
}
