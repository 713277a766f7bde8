using System.Text.RegularExpressions;
using Drover.EndToEnd.Delivery;
using Drover.Testing.Docker;

namespace Drover.EndToEnd;

/// <summary>
/// The README's samples are what the newest build prints: its commands are run, and each line it shows must come back
/// but for times, ids and the names of this machine.
/// </summary>
public sealed partial class ReadmeTests
{
    private const string Chat =
        "trap 'exit 0' TERM; i=0; while :; do i=$((i+1)); echo line $i password=hunter2; sleep 0.2 & wait $!; done";

    [Fact]
    public async Task What_the_readme_shows_is_what_the_newest_build_prints()
    {
        await using var engine = await DockerEngine.StartAsync();
        await using var machine = new Machine(engine);
        foreach (var (app, line) in new[] { ("web", Chat), ("db", Chat), ("bad", "exit 3") })
        {
            await engine.RunAsync(app, DockerEngine.Shell(line));
        }

        var up = await machine.UpAsync();
        foreach (var app in new[] { "web", "db", "bad" })
        {
            await machine.AppearsAsync(app, up);
        }

        var readme = await File.ReadAllTextAsync(
            Path.Combine(Tool.Root, "README.md"), TestContext.Current.CancellationToken);
        Assert.Equal(
            Block(readme, "drover 0.1.0 is up on"), Known(up.Out.TrimEnd(), machine, engine));
        foreach (var (command, shown) in Samples(Block(readme, "$ drover ps")))
        {
            await ShowsAsync(machine, engine, command, shown);
        }
    }

    private static async Task ShowsAsync(
        Machine machine, DockerEngine engine, string command, IReadOnlyList<string> shown)
    {
        var printed = "";
        var missing = shown;
        async Task<bool> PrintAsync()
        {
            printed = await RunAsync(machine, command);
            var shapes = Known(printed, machine, engine).Split('\n').Select(Shape).ToList();
            missing = [.. shown.Where(line => !shapes.Contains(Shape(line)))];
            return missing.Count == 0;
        }

        try
        {
            // An event is told when it arrives; what changes something is run once.
            if (!await PrintAsync() && !command.StartsWith("drover restart", StringComparison.Ordinal))
            {
                await machine.UntilAsync(PrintAsync, command);
            }
        }
        catch (TimeoutException)
        {
            // Told below, with what is missing.
        }

        Assert.True(
            missing.Count == 0,
            $"README shows\n{string.Join('\n', missing)}\nfor `{command}`, which printed\n{printed}");
    }

    /// <summary>The text of the fenced block that has this line's beginning in it.</summary>
    private static string Block(string text, string beginning) =>
        text.Split("```").Single(block => block.Contains($"\n{beginning}", StringComparison.Ordinal)).Trim();

    private static IEnumerable<(string Command, IReadOnlyList<string> Shown)> Samples(string block) =>
        block.Split("$ ", StringSplitOptions.RemoveEmptyEntries)
            .Select(sample => sample.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            .Select(lines => (lines[0], (IReadOnlyList<string>)lines[1..]));

    private static async Task<string> RunAsync(Machine machine, string command)
    {
        var (code, output) = await machine.ShellAsync(command);
        Assert.True(code == 0, $"`{command}` ended with {code}:\n{output}");
        return output;
    }

    /// <summary>What differs from machine to machine, in the README's words.</summary>
    private static string Known(string text, Machine machine, DockerEngine engine) => Host().Replace(text, "vm")
        .Replace(machine.Address, "http://127.0.0.1:7780", StringComparison.Ordinal)
        .Replace($"DROVER_DATA_DIR={machine.Data} ", "", StringComparison.Ordinal)
        .Replace(machine.Data, "/var/lib/drover", StringComparison.Ordinal)
        .Replace(engine.Address, "unix:///var/run/docker.sock", StringComparison.Ordinal)
        .Replace(Published.Path, "./drover", StringComparison.Ordinal)
        .Replace($"is up on {Environment.MachineName}:", "is up on vm:", StringComparison.Ordinal)
        .Replace(Environment.UserName, "root", StringComparison.Ordinal);

    private static string Shape(string line)
    {
        line = Id().Replace(line, "cmd_ID");
        line = Time().Replace(line, "TIME");
        line = Took().Replace(line, "TOOK");
        line = Age().Replace(line, "AGE");
        line = Number().Replace(line, "line N");
        return Gap().Replace(line, "  ").Trim();
    }

    [GeneratedRegex(@"\bbox\b")]
    private static partial Regex Host();

    [GeneratedRegex("cmd_[0-9a-f-]{36}")]
    private static partial Regex Id();

    [GeneratedRegex(@"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)?")]
    private static partial Regex Time();

    [GeneratedRegex(@"\b\d+(\.\d+)? m?s\b")]
    private static partial Regex Took();

    [GeneratedRegex(@"\b\d+[smhd]\b")]
    private static partial Regex Age();

    [GeneratedRegex(@"\bline \d+")]
    private static partial Regex Number();

    [GeneratedRegex(" {2,}")]
    private static partial Regex Gap();
}
