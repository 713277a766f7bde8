using System.Text;
using System.Text.Json;

namespace Drover.Bench.Supervision;

/// <summary>The published executable, started in the background as its how-to says.</summary>
internal sealed class DroverKeeper(string published, StampProgram program) : Keeper(program)
{
    private const int StillStarting = 7; // docs/reference/errors.md

    public override string Name => "drover";

    public override (string, string[]) Status => (published, ["supervisor", "status", "--config", Configuration]);

    /// <summary>What stands in the file for a component; null for the usual one, with a process probe every 10
    /// s.</summary>
    public Func<int, string>? Component { get; init; }

    private string Configuration => Path.Combine(Folder, "drover.yaml");

    public override async Task StartAsync(int components, CancellationToken cancellationToken)
    {
        var yaml = new StringBuilder("supervisor:\n  components:\n");
        for (var number = 0; number < components; number++)
        {
            yaml.Append($"    {NameOf(number)}: {(Component ?? Usual)(number)}\n");
        }

        Write("drover.yaml", yaml.ToString());
        var (code, said) = await Measured.RunAsync(
            published, Environment, "supervisor", "start", "--wait", "1s", "--config", Configuration);
        if (code is not 0 and not StillStarting)
        {
            throw new InvalidOperationException($"drover supervisor start ended with {code}: {said}");
        }

        using var run = JsonDocument.Parse(File.ReadAllText(Path.Combine(DataFolder, "supervisor", "run.json")));
        Root = run.RootElement.GetProperty("pid").GetInt32();
    }

    /// <summary>What a person and a bad day make it do: a crash, answers, an order, the file read again.</summary>
    public async Task WorkAsync(int components, CancellationToken cancellationToken)
    {
        SystemProcess.Kill(SystemProcess.Family(Root).First(Program.IsRunBy));
        await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken);
        string[][] verbs = [["status", "--verbose"], ["history"], ["reload"], ["restart", NameOf(components - 1)]];
        foreach (var verb in verbs)
        {
            await RunAsync(published, ["supervisor", .. verb, "--config", Configuration]);
        }

        await UntilAllLiveAsync(components, TimeSpan.FromSeconds(30), cancellationToken);
    }

    // A thousand kills within ten minutes are no crash loop here, and a run of a second is a good one.
    private string Usual(int number)
    {
        var pipe = number == 0 ? PipePath : Path.Combine(Folder, "none");
        return $$"""
            { command: ["{{Program.Path}}", "{{pipe}}"], liveness: { process: true },
                  restart: { min_uptime: 1s, limit: 1000 } }
            """;
    }

    protected override Task StopAsync() =>
        Root == 0 ? Task.CompletedTask : RunAsync(published, "supervisor", "stop", "--config", Configuration);
}
