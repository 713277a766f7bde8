using Drover.EndToEnd.Delivery;

namespace Drover.EndToEnd;

/// <summary>What <c>drover completion</c> prints, in the shells it is for.</summary>
public sealed class CompletionTests
{
    // Types a line into a real zsh and presses Tab; a widget of the test tells what then stands in the line.
    private const string TypeIntoZsh = """
        zmodload zsh/zpty
        zpty shell "TERM=xterm zsh -f -i"
        zpty -w shell "autoload -Uz compinit && compinit -D -u; source '$1'"
        zpty -w shell "show() { print -r -- \"\$BUFFER\" > '$3' }; zle -N show; bindkey '^Xs' show; print re''ady"
        zpty -r -m shell got '*ready*'
        zpty -w -n shell "$2"$'\t\C-Xs'
        for i in {1..200}; do [[ -s $3 ]] && break; sleep 0.1; done
        zpty -d shell
        cat "$3"
        """;

    private const string AskBash = """
        source "$1"
        COMP_LINE=$2 COMP_POINT=${#2}
        IFS=' ' read -r -a COMP_WORDS <<< "$2"
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _drover
        printf '%s\n' "${COMPREPLY[@]}"
        """;

    private const string AskFish = "source $argv[1]; complete -C $argv[2]";

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    public async Task A_verb_that_was_begun_is_completed_in_a_real_shell(string shell)
    {
        await using var machine = new Machine();
        var bin = Directory.CreateDirectory(Path.Combine(machine.Folder, "bin")).FullName;
        File.CreateSymbolicLink(Path.Combine(bin, "drover"), Published.Path);

        var shown = await CompleteAsync(machine, bin, shell, "drover restar");

        Assert.Contains("restart", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("\n\n", shown, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bash", @"two\ words")]
    [InlineData("zsh", @"drover logs two\ words")]
    [InlineData("fish", "two words")]
    public async Task An_app_name_is_text_and_never_a_command_of_the_shell_that_completes_it(
        string shell, string expected)
    {
        await using var machine = new Machine();
        var bin = Directory.CreateDirectory(Path.Combine(machine.Folder, "bin")).FullName;
        var trace = Path.Combine(machine.Folder, "executed");
        var fake = Path.Combine(bin, "drover");
        var script = (await machine.RunAsync("completion", shell)).MustBe(0).Out;
        await File.WriteAllTextAsync(
            fake,
            $"#!/bin/sh\nprintf '%s\\n' 'two words' 'twin$(touch {trace})' 'twin`touch {trace}`' 'tw*'\n",
            TestContext.Current.CancellationToken);
        File.SetUnixFileMode(fake, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        var shown = await CompleteAsync(machine, bin, shell, "drover logs two", script);

        Assert.Contains(expected, shown, StringComparison.Ordinal);
        Assert.False(File.Exists(trace));
    }

    private static async Task<string> CompleteAsync(
        Machine machine, string bin, string shell, string line, string? script = null)
    {
        Assert.True(File.Exists($"/usr/bin/{shell}"), $"{shell} is missing; install it: apt-get install -y {shell}");
        var token = TestContext.Current.CancellationToken;
        var source = Path.Combine(machine.Folder, "completion");
        script ??= (await machine.RunAsync("completion", shell)).MustBe(0).Out;
        await File.WriteAllTextAsync(source, script, token);
        var asks = Path.Combine(machine.Folder, "ask");
        await File.WriteAllTextAsync(
            asks,
            shell switch { "bash" => AskBash, "zsh" => TypeIntoZsh, _ => AskFish },
            token);
        string[] run = shell == "zsh" ? ["zsh", "-f", asks] : [shell, asks];
        var environment = new Dictionary<string, string>
        {
            ["HOME"] = machine.Folder,
            ["PATH"] = $"{bin}:{Environment.GetEnvironmentVariable("PATH")}",
        };

        var (code, output) = await Tool.RunAsync(
            environment, [.. run, source, line, Path.Combine(machine.Folder, "line")], token);

        Assert.True(code == 0, output);
        return output;
    }
}
