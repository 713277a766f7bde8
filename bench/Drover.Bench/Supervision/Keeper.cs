using System.Globalization;

namespace Drover.Bench.Supervision;

/// <summary>
/// A supervisor under measurement, ours or a peer, set up as its own documentation does it. Each keeps the same
/// program alive, in a folder of its own; nothing of it is left when it is disposed.
/// </summary>
internal abstract class Keeper(StampProgram program) : IAsyncDisposable
{
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    private readonly Workspace _space = new();
    private Measured? _foreground;

    public abstract string Name { get; }

    /// <summary>How a person asks it how its components are.</summary>
    public abstract (string Program, string[] Arguments) Status { get; }

    /// <summary>The process that all others of it descend from.</summary>
    public int Root { get; protected set; }

    public Dictionary<string, string> Environment => _space.Environment;

    protected StampProgram Program => program;

    /// <summary>Where the first component writes its stamps, when there is a pipe of that name.</summary>
    protected virtual string PipePath => Path.Combine(Folder, "pipe");

    protected string Folder => _space.Folder;

    protected string DataFolder => _space.Data;

    /// <summary>Makes the pipe into which the first component writes; before the start.</summary>
    public StampPipe OpenPipe()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PipePath)!);
        return new StampPipe(PipePath);
    }

    /// <summary>Starts it with so many components; returns when it was started, not when they were.</summary>
    public abstract Task StartAsync(int components, CancellationToken cancellationToken);

    /// <summary>All of its processes but those that it keeps alive.</summary>
    public IReadOnlyList<int> OwnProcesses() => [.. SystemProcess.Family(Root).Where(pid => !program.IsRunBy(pid))];

    /// <summary>How many instances of the program live below it, or wherever it leaves them.</summary>
    public virtual int LivingComponents() => SystemProcess.Family(Root).Count(program.IsRunBy);

    public Footprint Footprint() =>
        OwnProcesses().Aggregate(default(Footprint), (sum, pid) => sum + SystemProcess.FootprintOf(pid));

    /// <summary>Returns when all of them live.</summary>
    public async Task UntilAllLiveAsync(int components, TimeSpan patience, CancellationToken cancellationToken)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (LivingComponents() < components)
        {
            if (TimeProvider.System.GetElapsedTime(began) > patience)
            {
                throw new TimeoutException(
                    $"{Name} keeps {LivingComponents()} of {components} components after {patience.TotalSeconds} s");
            }

            await Task.Delay(Look, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        var own = Root == 0 ? [] : OwnProcesses();
        await StopAsync();
        var began = TimeProvider.System.GetTimestamp();
        while (own.Any(SystemProcess.IsAlive))
        {
            if (TimeProvider.System.GetElapsedTime(began) > EndPatience)
            {
                own.ToList().ForEach(pid => SystemProcess.Kill(pid));
            }

            await Task.Delay(Look);
        }

        if (_foreground is not null)
        {
            await _foreground.DisposeAsync();
        }

        _space.Dispose();
    }

    /// <summary>Asks it to end, with its components where it ends those.</summary>
    protected virtual Task StopAsync()
    {
        if (Root != 0)
        {
            _ = SystemProcess.Terminate(Root);
        }

        return Task.CompletedTask;
    }

    protected static string NameOf(int component) =>
        string.Create(CultureInfo.InvariantCulture, $"c{component:000}");

    protected string Write(string name, string text, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, mode);
        return path;
    }

    /// <summary>Runs a command of it to its end.</summary>
    protected async Task RunAsync(string command, params string[] arguments)
    {
        var (code, said) = await Measured.RunAsync(command, Environment, arguments);
        if (code != 0)
        {
            throw new InvalidOperationException($"{command} {string.Join(' ', arguments)} ended with {code}: {said}");
        }
    }

    /// <summary>Starts what stays in the foreground, as the root.</summary>
    protected void Run(string command, params string[] arguments)
    {
        _foreground = Measured.Start(command, Environment, arguments);
        Root = _foreground.Id;
    }
}
