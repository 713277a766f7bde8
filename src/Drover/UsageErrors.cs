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
    private const int ShortestGuessed = 2;

    public static ExitCode Write(Screen screen, ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var path = Path(parsed.CommandResult);
        var unmatched = parsed.UnmatchedTokens.Where(token => token.Length > 0).ToList();
        foreach (var message in Messages(parsed, command, path, unmatched))
        {
            screen.Error.WriteLine($"{screen.ErrorPaint.Apply(Tone.Bad, "drover:")} {Paint.OneLine(message)}");
        }

        // Of one letter anything is near, and nothing was meant.
        if (unmatched is [{ Length: > ShortestGuessed } mistyped, ..]
            && NearestName.Of(mistyped, Known(command)) is { } near)
        {
            screen.Error.WriteLine($"{screen.ErrorPaint.Apply(Tone.Dim, "hint:")} did you mean \"{near}\"?");
        }

        screen.Error.WriteLine($"{screen.ErrorPaint.Apply(Tone.Dim, "hint:")} `{path} --help` shows what there is");
        return ExitCode.Usage;
    }

    private static IEnumerable<string> Messages(
        ParseResult parsed, Command command, string path, List<string> unmatched)
    {
        var verbs = command.Subcommands.Where(sub => !sub.Hidden).Select(sub => sub.Name).ToList();
        if (unmatched.Count > 0)
        {
            return unmatched[0].StartsWith('-') ? [$"there is no option \"{unmatched[0]}\" of \"{path}\""]
                : verbs.Count > 0 ? [$"there is no verb \"{path} {unmatched[0]}\""]
                : [$"\"{path}\" takes {Arguments(command)}; \"{unmatched[0]}\" is one too many"];
        }

        return parsed.Tokens is [.., { Type: TokenType.Command }] && verbs.Count > 0
            ? [$"\"{path}\" needs one of: {string.Join(", ", verbs)}"]
            : parsed.Errors.Select(error => Missing(error, path) ?? Sentence(error.Message)).Distinct();
    }

    private static string Arguments(Command command)
    {
        var names = command.Arguments.Where(one => !one.Hidden).Select(one => one.HelpName ?? one.Name).ToList();
        return names.Count == 0 ? "no argument" : $"only {string.Join(" and ", names)}";
    }

    /// <summary>What the library says of something left out speaks of the parser; this speaks of the verb.</summary>
    private static string? Missing(ParseError error, string path) => error.SymbolResult switch
    {
        ArgumentResult { Tokens.Count: 0, Parent: OptionResult option } => NoValue(option),
        OptionResult { Tokens.Count: 0 } option => NoValue(option),
        ArgumentResult { Tokens.Count: 0 } argument =>
            $"\"{path}\" needs {argument.Argument.HelpName ?? argument.Argument.Name}",
        _ => null,
    };

    private static string NoValue(OptionResult option) =>
        $"{option.Option.Name} needs a value{(option.Option.HelpName is { } what ? $": {what}" : "")}";

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
