using System.Text.Json;
using System.Text.RegularExpressions;
using Drover.EndToEnd.Delivery;

namespace Drover.EndToEnd;

/// <summary>The pages of the supervisor: the file they show is written, and every line of theirs is typed.</summary>
public sealed partial class HowToTests
{
    // The components take the programs of the distribution, whatever else the person has in front of them.
    private const string Shell = "export PATH=$PWD/bin:/usr/bin:/bin; ";

    // What stays until it is interrupted is interrupted, as with Ctrl-C.
    private const string Interrupted = "timeout --preserve-status -s INT 2 ";

    [Fact]
    public async Task The_first_success_and_the_day_to_day_lines_of_the_supervisors_page_work_as_they_stand()
    {
        await using var machine = new Machine();
        var page = await PageAsync("docs/how-to/supervisor.md", machine);
        machine.WithConfiguration(Yaml(page));
        var first = Typed(page.Split("\n## ")[0]);
        var days = Typed(Section(page, "Before you trust a restart policy") + Section(page, "Day to day"));
        Assert.Equal((7, 7), (first.Count, days.Count));
        try
        {
            // The last line of the first success is the stop, which comes at the end of the days.
            foreach (var line in first.SkipLast(1))
            {
                await TypeAsync(machine, line);
            }

            var pid = (await machine.RunAsync("supervisor", "status", "-o", "json")).MustBe(0).Json
                .GetProperty("components")[0].GetProperty("pid").GetInt32();
            await TypeAsync(machine, $"kill -9 {pid}");
            await machine.UntilAsync(
                async () => (await machine.RunAsync("supervisor", "history", "web")).Out
                    .Contains("was ended by SIGKILL", StringComparison.Ordinal),
                "the history has the cause");
            foreach (var line in days)
            {
                await TypeAsync(machine, line);
            }
        }
        finally
        {
            await machine.RunAsync("supervisor", "stop");
        }

        Assert.Equal("drover supervisor stop", first[^1]);
    }

    [Fact]
    public async Task The_lines_of_the_page_on_logs_work_as_they_stand_and_the_files_are_where_it_says()
    {
        await using var machine = new Machine();
        var page = await PageAsync("docs/how-to/logs.md", machine);
        machine.WithConfiguration(Yaml(page));
        var lines = Typed(page);
        Assert.Equal(11, lines.Count);
        var said = new Dictionary<string, string>();
        try
        {
            said[lines[0]] = await TypeAsync(machine, lines[0]);
            await machine.UntilAsync(
                async () => (await machine.RunAsync("supervisor", "logs", "clock")).Out.Split("tick").Length > 3,
                "the components have written");
            foreach (var line in lines.Skip(1))
            {
                said[line] = await TypeAsync(machine, line);
            }
        }
        finally
        {
            await machine.RunAsync("supervisor", "stop");
        }

        Assert.Equal("web begins\ncareful\n", said["drover supervisor logs web"]);
        Assert.Equal("careful\n", said["drover supervisor logs web -n 1"]);
        Assert.Contains("\nclock | tick\n", said["drover supervisor logs --all -n 5"], StringComparison.Ordinal);
        Assert.Contains("web   | careful\n", said["drover supervisor logs --all -n 5"], StringComparison.Ordinal);
        Assert.All(
            said["drover supervisor logs --all --since 10m --timestamps"].TrimEnd('\n').Split('\n'),
            line => Assert.Matches(@"^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\.\d\d\d[+-]\d\d:\d\d (web  |clock) \| ", line));
        Assert.Equal(
            ["tick", "tick", "tick"],
            said["drover supervisor logs clock --since 10m -n 3 -o json"].TrimEnd('\n').Split('\n')
                .Select(line => JsonElement.Parse(line).GetProperty("text").GetString()));
        Assert.Contains("clock | tick\n", said["drover supervisor logs --follow"], StringComparison.Ordinal);

        // What rests has its history and its log still.
        Assert.Contains("COMPONENT", said["drover supervisor history"], StringComparison.Ordinal);
        Assert.Equal("web begins\ncareful\n", said["drover supervisor logs web -n 5"]);
        var files = Path.Combine(machine.Data, "supervisor");
        Assert.All(
            ["logs/web.log", "logs/clock.log", "logs/.keeper/web.times", "daemon.log"],
            name => Assert.True(File.Exists(Path.Combine(files, name)), $"there is no {name}"));
    }

    private static async Task<string> PageAsync(string path, Machine machine) =>
        (await File.ReadAllTextAsync(Path.Combine(Tool.Root, path), TestContext.Current.CancellationToken))
            .Replace("8099", $"{machine.Port}", StringComparison.Ordinal);

    private static string Yaml(string page) => Fence().Matches(page)
        .First(fence => fence.Groups[1].Value == "yaml").Groups[2].Value;

    private static string Section(string page, string heading) =>
        page.Split($"\n## {heading}\n")[1].Split("\n## ")[0] + "\n";

    private static List<string> Typed(string page) =>
    [
        .. Fence().Matches(page).Where(fence => fence.Groups[1].Length == 0)
            .SelectMany(fence => fence.Groups[2].Value.Trim().Split('\n')),
    ];

    /// <summary>Types a line; it must end well, or by the interrupt where it stays. Gives both outputs.</summary>
    private static async Task<string> TypeAsync(Machine machine, string line)
    {
        var stays = line.Contains("--follow", StringComparison.Ordinal)
            || line.Contains("--watch", StringComparison.Ordinal);
        var (code, said) = await machine.ShellAsync(Shell + (stays ? Interrupted : "") + line);
        Assert.True(code == (stays ? 130 : 0), $"`{line}` ended with {code}:\n{said}");
        Assert.DoesNotContain("defect", said, StringComparison.Ordinal);
        return said;
    }

    [GeneratedRegex("^```(\\w*)\\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();
}
