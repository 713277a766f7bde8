using System.CommandLine;

namespace Drover.Commands;

/// <summary><c>drover completion</c>: prints what a shell needs to complete verbs, options, apps and hosts.</summary>
internal static class CompletionCommand
{
    // Candidates are other people's text (a label names an app): nothing here may be expanded by the shell, neither
    // while it completes (compgen -W would) nor, thanks to %q, once it stands in the line. Bash cuts words at colons:
    // what was cut off in front is taken from the candidates too.
    private const string Bash = """
        # drover completion for bash: eval "$(drover completion bash)"
        _drover() {
            local line=${COMP_LINE:0:COMP_POINT} word=${COMP_WORDS[COMP_CWORD]} typed cut candidate
            typed=${line##*[[:space:]]}
            cut=${typed%"$word"}
            COMPREPLY=()
            while IFS= read -r candidate; do
                printf -v candidate %q "${candidate#"$cut"}"
                COMPREPLY+=("$candidate")
            done < <("${COMP_WORDS[0]}" internal complete --position "$COMP_POINT" -- "$COMP_LINE" 2>/dev/null)
        }
        complete -o default -F _drover drover
        """;

    // The last lines serve both ways to install it: sourced, and as a file _drover in a directory of fpath.
    private const string Zsh = """
        #compdef drover
        # drover completion for zsh: source <(drover completion zsh)
        _drover() {
            local -a candidates
            candidates=(${(f)"$("${words[1]}" internal complete --position "$CURSOR" -- "$BUFFER" 2>/dev/null)"})
            compadd -a candidates
        }
        if [[ ${funcstack[1]} == _drover ]]; then
            _drover "$@"
        else
            compdef _drover drover
        fi
        """;

    private const string Fish = """
        # drover completion for fish: drover completion fish | source
        function __drover_complete
            set -l line (commandline -cp)
            set -l words (commandline -opc)
            $words[1] internal complete --position (string length -- "$line") -- "$line" 2>/dev/null
        end
        complete -c drover -f -a '(__drover_complete)'
        """;

    public static Command Create(VerbContext verbs)
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh or fish", HelpName = "bash|zsh|fish" };
        shell.CompletionSources.Add("bash", "zsh", "fish");
        shell.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && result.Tokens[0].Value is not ("bash" or "zsh" or "fish"))
            {
                result.AddError($"completion is there for bash, zsh and fish, not for \"{result.Tokens[0].Value}\"");
            }
        });
        var command =
            new Command("completion", "Print the completion of a shell: eval \"$(drover completion bash)\"") { shell };
        VerbContext.Run(command, (parsed, _) =>
        {
            verbs.Screen.Out.WriteLine(parsed.GetValue(shell) switch
            {
                "zsh" => Zsh,
                "fish" => Fish,
                _ => Bash,
            });
            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }
}
