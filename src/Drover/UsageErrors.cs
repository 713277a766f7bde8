using System.CommandLine;
using System.CommandLine.Parsing;
using Drover.Runtime.Configuration;
using Drover.Terminal;

namespace Drover;

/// <summary>
/// What is said of a command line that cannot be understood: what is wrong, what was probably meant, where help is.
/// </summary>
internal static class UsageErrors
{
    public static ExitCode Write(Screen screen, ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var path = Path(parsed.CommandResult);
        var unmatched = parsed.UnmatchedTokens.Where(token => token.Length > 0).ToList();
        var messages = unmatched.Count > 0 && unmatched[0].StartsWith('-')
            ? [$"there is no option \"{unmatched[0]}\" of \"{path}\""]
            : unmatched.Count > 0 && command.Subcommands.Any(sub => !sub.Hidden)
            ? [$"there is no verb \"{path} {unmatched[0]}\""]
            : parsed.Tokens.Count > 0 && parsed.Tokens[^1].Type == TokenType.Command && command.Subcommands.Any(
                sub => !sub.Hidden)
            ? [
                $"\"{path}\" needs one of: "
                    + $"{string.Join(", ", command.Subcommands.Where(sub => !sub.Hidden).Select(sub => sub.Name))}"
            ]
            : parsed.Errors.Select(error => Sentence(error.Message)).Distinct();
        foreach (var message in messages)
        {
            screen.Error.WriteLine($"{screen.ErrorPaint.Apply(Tone.Bad, "drover:")} {Paint.OneLine(message)}");
        }

        if (unmatched.Count > 0 && NearestName.Of(unmatched[0], Known(command)) is { } near)
        {
            screen.Error.WriteLine($"{screen.ErrorPaint.Apply(Tone.Dim, "hint:")} did you mean \"{near}\"?");
        }

        screen.Error.WriteLine($"{screen.ErrorPaint.Apply(Tone.Dim, "hint:")} `{path} --help` shows what there is");
        return ExitCode.Usage;
    }

    private static IEnumerable<string> Known(Command command) => command.Subcommands
        .Where(sub => !sub.Hidden)
        .SelectMany(sub => sub.Aliases.Prepend(sub.Name))
        .Concat(
            command.Options.Where(option => !option.Hidden).SelectMany(option => option.Aliases.Prepend(option.Name)));

    private static string Path(CommandResult? result)
    {
        var names = new Stack<string>();
        for (SymbolResult? at = result; at is not null; at = at.Parent)
        {
            if (at is CommandResult command)
            {
                names.Push(command.Command is RootCommand ? "drover" : command.Command.Name);
            }
        }

        return string.Join(' ', names);
    }

    private static string Sentence(string message)
    {
        var text = message.TrimEnd('.').Replace('\'', '"');
        return text.Length > 0 ? char.ToLowerInvariant(text[0]) + text[1..] : text;
    }
}
