namespace Drover.EndToEnd;

/// <summary>The gateway's page: the file it shows is written, each line of its first ten minutes typed.</summary>
public sealed partial class HowToTests
{
    [Fact]
    public async Task The_first_ten_minutes_of_the_gateways_page_work_as_they_stand()
    {
        await using var machine = new Machine();
        var port = Machine.FreePort();
        var page = (await PageAsync("docs/how-to/gateway.md", machine)).Replace(
            "8080", $"{port}", StringComparison.Ordinal);
        machine.WithConfiguration(Yaml(page));
        var lines = Typed(page.Split("\n## ")[0]);
        Assert.Equal(6, lines.Count);

        await TypeAsync(machine, "drover config check");
        var up = machine.Start("up");
        await up.UntilAsync(one => one.Out.Contains("Next, in another terminal", StringComparison.Ordinal), "it is up");
        await machine.UntilAsync(
            async () => (await machine.ShellAsync($"{Shell}{lines[0]}")).ExitCode == 0, "the program answers", up);
        var said = new List<string>();
        foreach (var line in lines)
        {
            said.Add(await TypeAsync(machine, line));
        }

        // The program serves the directory that it runs in.
        Assert.All(said.Take(2), text => Assert.StartsWith("gateway:\n", text, StringComparison.Ordinal));
        Assert.Contains("ready", said[2], StringComparison.Ordinal);
        Assert.Contains("*.web.localhost", said[3], StringComparison.Ordinal);

        // What nobody answers to, as the page has it.
        var (_, unknown) = await machine.ShellAsync($"{Shell}curl --silent http://127.0.0.1:{port}/");
        Assert.Contains("unknown-host", unknown, StringComparison.Ordinal);
        up.Signal("TERM");
        Assert.Equal(0, await up.ExitCodeAsync());
    }

    [Fact]
    public async Task Every_configuration_that_the_gateways_page_shows_holds()
    {
        await using var machine = new Machine();
        var page = await PageAsync("docs/how-to/gateway.md", machine);
        var files = Fence().Matches(page).Where(fence => fence.Groups[1].Value == "yaml").ToList();
        Assert.Equal(3, files.Count);
        foreach (var file in files)
        {
            machine.WithConfiguration(file.Groups[2].Value);
            (await machine.RunAsync("config", "check")).MustBe(0);
        }
    }
}
