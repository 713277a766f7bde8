using System.CommandLine;

namespace Drover.Commands;

/// <summary><c>drover completion</c>: prints what a shell needs to complete verbs, options, apps and hosts.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        # drover completion for bash: eval "$(drover completion bash)"
        _drover() {
            local IFS=$'\n'
            COMPREPLY=($(compgen -W "$("${COMP_WORDS[0]}" internal complete --position "$COMP_POINT" -- "$COMP_LINE" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _drover drover
        """;

    private const string Zsh = """
        #compdef drover
        # drover completion for zsh: source <(drover completion zsh)
        _drover() {
            local -a candidates
            candidates=("${(@f)$("${words[1]}" internal complete --position "$CURSOR" -- "$BUFFER" 2>/dev/null)}")
            compadd -a candidates
        }
        compdef _drover drover
        """;

    private const string Fish = """
        # drover completion for fish: drover completion fish | source
        function __drover_complete
            set -l line (commandline -cp)
            drover internal complete --position (string length -- "$line") -- "$line" 2>/dev/null
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
