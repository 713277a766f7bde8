using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Drover.Terminal;

namespace Drover;

/// <summary>
/// What <c>--help</c> prints. Our own, because it groups the verbs by what a person wants, and because the library's
/// takes three times as long as everything else of the start (DESIGN 10: at most 80 ms).
/// </summary>
internal sealed class Help(Screen screen) : SynchronousCommandLineAction
{
    private const int Indent = 2;
    private const int WidestFirstColumn = 30;
    private const int PipeWidth = 100;

    /// <summary>The verbs in the order and company in which they are shown.</summary>
    internal static readonly IReadOnlyList<(string Heading, string[] Verbs)> Groups =
    [
        ("Run", ["up", "server", "host-agent", "supervisor", "gateway"]),
        ("Look", ["ps", "logs", "hosts", "commands", "events", "audit"]),
        ("Act", ["restart", "stop", "start"]),
        ("Set up", ["doctor", "config", "token", "login", "logout", "backup", "restore", "completion", "version"]),
    ];

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        Write(parseResult.CommandResult.Command);
        return (int)ExitCode.Ok;
    }

    /// <summary>Replaces the library's help wherever <c>--help</c> is understood.</summary>
    public static void Install(RootCommand root, Screen screen)
    {
        foreach (var option in root.Options)
        {
            if (option is HelpOption)
            {
                option.Action = new Help(screen);
                option.Description = "Show this help";
                foreach (var ofAnotherSystem in (string[])["/h", "-?", "/?"])
                {
                    option.Aliases.Remove(ofAnotherSystem);
                }
            }
        }
    }

    private void Write(Command command)
    {
        var path = Path(command);
        Paragraph(command.Description ?? "");
        Heading("Usage");
        screen.Out.WriteLine($"  {Usage(command, path)}");
        if (command is RootCommand)
        {
            WriteGroups(command);
        }
        else
        {
            Rows("Verbs", Visible(command.Subcommands));
        }

        Rows(
            "Arguments",
            [
                .. command.Arguments.Where(one => !one.Hidden)
                    .Select(one => (one.HelpName ?? one.Name, one.Description ?? ""))
            ]);
        Rows("Options", Options(command));
        if (command is RootCommand)
        {
            screen.Out.WriteLine();
            screen.Out.WriteLine("`drover VERB --help` says more. Exit codes: docs/reference/errors.md");
        }
    }

    private void WriteGroups(Command root)
    {
        foreach (var (heading, verbs) in Groups)
        {
            var rows = new List<(string, string)>();
            foreach (var verb in verbs)
            {
                foreach (var command in root.Subcommands)
                {
                    if (command.Name == verb)
                    {
                        rows.Add((Usage(command, verb), FirstSentence(command.Description ?? "")));
                    }
                }
            }

            Rows(heading, rows);
        }
    }

    private static List<(string, string)> Visible(IEnumerable<Command> commands)
    {
        var rows = new List<(string, string)>();
        foreach (var command in commands)
        {
            if (!command.Hidden)
            {
                rows.Add((Usage(command, command.Name), FirstSentence(command.Description ?? "")));
            }
        }

        return rows;
    }

    private static List<(string, string)> Options(Command command)
    {
        var rows = new List<(string, string)>();
        for (Symbol? at = command; at is Command owner; at = Parent(at))
        {
            foreach (var option in owner.Options)
            {
                if (!option.Hidden && (ReferenceEquals(owner, command) || option.Recursive))
                {
                    rows.Add((Label(option), option.Description ?? ""));
                }
            }
        }

        return rows;
    }

    private static string Label(Option option)
    {
        var shortest = "";
        foreach (var alias in option.Aliases)
        {
            if (alias.Length == 2 && alias[0] == '-')
            {
                shortest = alias + ", ";
            }
        }

        return option.HelpName is { } value ? $"{shortest}{option.Name} {value}" : shortest + option.Name;
    }

    private static string Usage(Command command, string path)
    {
        var usage = path;
        foreach (var argument in command.Arguments)
        {
            usage += $" {argument.HelpName ?? argument.Name}";
        }

        return command.Subcommands.Count > 0 && command.Action is null ? usage + " VERB" : usage;
    }

    private static string Path(Command command)
    {
        var path = "";
        for (Symbol? at = command; at is not null; at = Parent(at))
        {
            var name = at is RootCommand ? "drover" : at.Name;
            path = path.Length == 0 ? name : $"{name} {path}";
        }

        return path;
    }

    private static Symbol? Parent(Symbol symbol)
    {
        foreach (var parent in symbol.Parents)
        {
            return parent;
        }

        return null;
    }

    private static string FirstSentence(string text)
    {
        var end = text.IndexOf(". ", StringComparison.Ordinal);
        return (end < 0 ? text : text[..end]).TrimEnd('.');
    }

    private void Heading(string text)
    {
        screen.Out.WriteLine();
        screen.Out.WriteLine(screen.OutPaint.Apply(Tone.Strong, text));
    }

    private void Rows(string heading, List<(string Name, string Meaning)> rows)
    {
        if (rows.Count == 0)
        {
            return;
        }

        Heading(heading);
        var column = 0;
        foreach (var (name, _) in rows)
        {
            column = Math.Max(column, Math.Min(name.Length, WidestFirstColumn));
        }

        var hanging = new string(' ', column + (2 * Indent));
        foreach (var (name, meaning) in rows)
        {
            var lead = "  " + name.PadRight(column + Indent);
            var first = lead.Length > hanging.Length ? hanging : lead;
            if (lead.Length > hanging.Length)
            {
                screen.Out.WriteLine(lead.TrimEnd());
            }

            foreach (var line in Wrap(meaning, LineWidth - hanging.Length))
            {
                screen.Out.WriteLine(first + line);
                first = hanging;
            }
        }
    }

    private int LineWidth => screen.OutIsTerminal ? Math.Min(screen.Width, 120) : PipeWidth;

    private void Paragraph(string text)
    {
        foreach (var line in Wrap(text, LineWidth))
        {
            screen.Out.WriteLine(line);
        }
    }

    private static List<string> Wrap(string text, int width)
    {
        var lines = new List<string>();
        var line = "";
        foreach (var word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                lines.Add(line);
                line = "";
            }

            line = line.Length == 0 ? word : $"{line} {word}";
        }

        lines.Add(line);
        return lines;
    }
}
