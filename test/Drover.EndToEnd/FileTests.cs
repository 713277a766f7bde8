using System.Diagnostics;

namespace Drover.EndToEnd;

/// <summary>The published file itself: its size, its start, its help.</summary>
public sealed class FileTests
{
    private const long LargestMegabytes = 75;

    [Fact]
    public void It_is_one_file_within_its_budget() =>
        Assert.InRange(new FileInfo(Published.Path).Length, 10_000_000, LargestMegabytes * 1_000_000);

    [Fact]
    public async Task Version_prints_the_same_in_both_forms()
    {
        await using var machine = new Machine();

        var text = (await machine.RunAsync("version")).MustBe(0);
        var json = (await machine.RunAsync("version", "--output", "json")).MustBe(0).Json;

        Assert.Equal($"drover {json.GetProperty("build").GetString()}", text.Out.Trim());
    }

    [Fact]
    public async Task Help_comes_at_once()
    {
        await using var machine = new Machine();
        var times = new List<TimeSpan>();
        for (var run = 0; run < 5; run++)
        {
            var clock = Stopwatch.StartNew();
            (await machine.RunAsync("--help")).MustBe(0);
            times.Add(clock.Elapsed);
        }

        // The budget is 80 ms and is measured in bench/; here only a start that went wrong by far is caught.
        Assert.True(times.Min() < TimeSpan.FromMilliseconds(500), $"the quickest of five took {times.Min()}");
    }

    [Fact]
    public async Task Output_into_a_pipe_that_closes_ends_quietly()
    {
        await using var machine = new Machine();
        using var shell = Process.Start(new ProcessStartInfo(
            "bash", ["-c", $"'{Published.Path}' config schema | head -c 1 >/dev/null; echo ${{PIPESTATUS[0]}}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;

        var status = await shell.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);

        Assert.Contains(status.Trim(), (string[])["0", "141"]);
        Assert.Empty(await shell.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
    }
}
