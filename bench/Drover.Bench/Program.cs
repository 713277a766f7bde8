using Drover.Bench;
using Drover.Bench.Scenarios;

// Usage: Drover.Bench PUBLISHED_EXECUTABLE RESULTS_FOLDER [--small] [scenario...]
if (args.Length < 2 || !File.Exists(args[0]))
{
    Console.Error.WriteLine(
        "cannot measure: name the published executable and a folder for results (`make bench` does)");
    return 2;
}

var published = Path.GetFullPath(args[0]);
const string Small = "--small";
var wanted = args.Skip(2).Where(argument => argument != Small).ToHashSet(StringComparer.Ordinal);
var scale = args.Contains(Small) ? Scale.Small : Scale.Full;
var scenarios = new (string Name, Func<string, Scale, CancellationToken, Task<IReadOnlyList<Figure>>> RunAsync)[]
{
    ("executable", ExecutableScenario.RunAsync),
    ("up", UpScenario.RunAsync),
    ("signature", SignatureScenario.RunAsync),
    ("host-agent", HostAgentScenario.RunAsync),
    ("supervisor-restart", KeeperRestartScenario.RunAsync),
    ("supervisor-memory", KeeperMemoryScenario.RunAsync),
    ("supervisor-status", KeeperStatusScenario.RunAsync),
    ("supervisor-crowd", CrowdScenario.RunAsync),
    ("gateway-forward", ForwardScenario.RunAsync),
    ("gateway-wake", WakeScenario.RunAsync),
    ("gateway-memory", LoadedMemoryScenario.RunAsync),
    ("gateway-websocket", SocketScenario.RunAsync),
    ("fleet", FleetScenario.RunAsync),
    ("storm", FleetScenario.StormAsync),
};
if (wanted.FirstOrDefault(name => scenarios.All(scenario => scenario.Name != name)) is { } unknown)
{
    Console.Error.WriteLine(
        $"cannot measure '{unknown}': there are {string.Join(", ", scenarios.Select(scenario => scenario.Name))}");
    return 2;
}

using var ending = new CancellationTokenSource(TimeSpan.FromMinutes(120));
Console.CancelKeyPress += (_, press) =>
{
    press.Cancel = true;
    ending.Cancel();
};

var figures = new List<Figure>();
foreach (var (name, runAsync) in scenarios.Where(scenario => wanted.Count == 0 || wanted.Contains(scenario.Name)))
{
    Console.Error.WriteLine($"{name} ...");
    var measured = await runAsync(published, scale, ending.Token);
    figures.AddRange(measured);
    foreach (var figure in measured)
    {
        Console.WriteLine(figure.ToLine());
    }
}

if (scale == Scale.Full)
{
    Console.Error.WriteLine($"Written to {await Report.WriteAsync(args[1], figures)}");
}
else
{
    Console.Error.WriteLine("Not written: a small run shows that the measurements work, not what they are");
}

return figures.All(figure => figure.Met) ? 0 : 1;
