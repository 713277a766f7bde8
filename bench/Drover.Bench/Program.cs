using Drover.Bench;
using Drover.Bench.Scenarios;

// Usage: Drover.Bench PUBLISHED_EXECUTABLE RESULTS_FOLDER [scenario...]
if (args.Length < 2 || !File.Exists(args[0]))
{
    Console.Error.WriteLine(
        "cannot measure: name the published executable and a folder for results (`make bench` does)");
    return 2;
}

var published = Path.GetFullPath(args[0]);
var wanted = args.Skip(2).ToHashSet(StringComparer.Ordinal);
var scenarios = new (string Name, Func<string, CancellationToken, Task<IReadOnlyList<Figure>>> RunAsync)[]
{
    ("executable", ExecutableScenario.RunAsync),
    ("up", UpScenario.RunAsync),
    ("host-agent", HostAgentScenario.RunAsync),
};

using var ending = new CancellationTokenSource(TimeSpan.FromMinutes(20));
Console.CancelKeyPress += (_, press) =>
{
    press.Cancel = true;
    ending.Cancel();
};

var figures = new List<Figure>();
foreach (var (name, runAsync) in scenarios.Where(scenario => wanted.Count == 0 || wanted.Contains(scenario.Name)))
{
    Console.Error.WriteLine($"{name} ...");
    var measured = await runAsync(published, ending.Token);
    figures.AddRange(measured);
    foreach (var figure in measured)
    {
        Console.WriteLine(figure.ToLine());
    }
}

var file = await Report.WriteAsync(args[1], figures);
Console.Error.WriteLine($"Written to {file}");
return figures.All(figure => figure.Met) ? 0 : 1;
