using System.Text.RegularExpressions;
using Drover.EndToEnd.Delivery;
using Drover.Testing.Docker;

namespace Drover.EndToEnd;

/// <summary>
/// What docs/how-to/one-machine.md tells people to type is typed, line by line as it stands there, but for the port and
/// the folder of the test.
/// </summary>
public sealed partial class HowToTests(SharedDockerEngine docker)
{
    // How long what was begun in the background may take, in tenths of a second.
    private const int Patience = 300;

    [Fact]
    public async Task Two_processes_join_and_a_program_reads_them_by_the_lines_of_the_page()
    {
        await using var machine = new Machine(await docker.GetAsync());
        var page = await File.ReadAllTextAsync(
            Path.Combine(Tool.Root, "docs/how-to/one-machine.md"), TestContext.Current.CancellationToken);
        var join = Lines(page, "Server and host agent in two processes", machine);
        var program = Lines(page, "From a program", machine);
        Assert.Equal((3, 3), (join.Length, program.Length));

        var script = $$"""
            until_true() { for i in $(seq {{Patience}}); do "$@" >/dev/null 2>&1 && return; sleep 0.1; done; echo "in vain: $*"; exit 1; }
            live() { drover hosts -o json | grep '"state": "live"'; }
            heard() { drover token create --file "spark$RANDOM"; [ -s followed ]; }
            told() { grep host.goodbye followed; }
            trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT
            {{join[0]}} >server.log 2>&1 &
            until_true drover hosts
            {{join[1]}} || exit 1
            {{join[2]}} >agent.log 2>&1 &
            agent=$!
            until_true live
            {{program[0]}} || exit 1
            {{program[1]}} || exit 1
            echo
            {{program[2]}} >followed 2>/dev/null &
            until_true heard
            kill -TERM $agent
            until_true told
            echo all done
            """;
        var (code, said) = await machine.ShellAsync(script);

        Assert.True(code == 0 && said.Contains("\nall done\n", StringComparison.Ordinal), said);
        Assert.Contains("{\"items\":[", said, StringComparison.Ordinal);
    }

    /// <summary>The lines of the first fence below a heading, without their comments.</summary>
    private static string[] Lines(string page, string heading, Machine machine) =>
    [
        .. page.Split($"## {heading}\n")[1].Split("```")[1].Trim().Split('\n')
            .Select(line => Comment().Replace(line, "")
                .Replace("127.0.0.1:7780", $"127.0.0.1:{machine.Port}", StringComparison.Ordinal)
                .Replace("/tmp/", $"{machine.Folder}/", StringComparison.Ordinal)
                .Replace("$HOME/", $"{machine.Folder}/", StringComparison.Ordinal)),
    ];

    [GeneratedRegex(" +# .*$")]
    private static partial Regex Comment();
}
