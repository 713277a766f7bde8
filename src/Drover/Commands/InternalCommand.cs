using System.CommandLine;
using Drover.Reference;

namespace Drover.Commands;

/// <summary>Hidden verbs for scripts: completion's candidates and the generated reference.</summary>
internal static class InternalCommand
{
    public static Command Create(VerbContext verbs) =>
        new("internal", "For scripts, not for people.")
        {
            Hidden = true,
            Subcommands = { Complete(verbs), Docs(verbs), HealthyCommand.Create(verbs) },
        };

    private static Command Complete(VerbContext verbs)
    {
        var position = new Option<int>("--position") { Description = "Where the cursor stands in the line" };
        var line =
            new Argument<string>("LINE") { Description = "The line as typed, beginning with the program's name" };
        var command = new Command("complete", "Print what could stand at the cursor, one a line.") { position, line };
        VerbContext.Run(command, (parsed, _) =>
        {
            foreach (var candidate in Candidates(verbs.Root, parsed.GetValue(line)!, parsed.GetValue(position)))
            {
                verbs.Screen.Out.WriteLine(candidate);
            }

            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }

    /// <summary>
    /// Long spellings only unless a short one was begun: <c>-n</c> and its like are faster typed than chosen.
    /// </summary>
    internal static IEnumerable<string> Candidates(RootCommand root, string line, int position)
    {
        // The program may be typed as a path; what is parsed begins behind it.
        var program = line.IndexOf(' ', StringComparison.Ordinal);
        if (program < 0 || position <= program)
        {
            return [];
        }

        var typed = line[(program + 1)..Math.Min(position, line.Length)];
        var word = typed[(typed.LastIndexOf(' ') + 1)..];
        return root.Parse(typed).GetCompletions(typed.Length)
            .Select(item => item.Label)
            .Where(label => label.StartsWith(word, StringComparison.Ordinal))
            .Where(label => !label.StartsWith('-') || word.StartsWith('-'))
            .Where(label => label is not ("-?" or "-h" or "/?" or "/h"))
            .Distinct();
    }

    private static Command Docs(VerbContext verbs)
    {
        var folder = new Option<string>("--out")
        {
            Description = "Where the pages go",
            DefaultValueFactory = _ => "docs/reference",
        };
        var comments = new Option<string>("--wire-comments")
        {
            Description = "The comments that the compiler wrote beside Drover.Wire",
            DefaultValueFactory = _ => "artifacts/bin/Drover.Wire/release/Drover.Wire.xml",
        };
        var command = new Command("docs", "Write the reference from the types.") { folder, comments };
        VerbContext.Run(command, (parsed, _) =>
        {
            var wire = parsed.GetValue(comments)!;
            if (!File.Exists(wire))
            {
                throw new CliException(
                    ExitCode.Usage,
                    $"cannot write the reference: there is no file '{wire}'",
                    "build Drover first, or name the file with --wire-comments");
            }

            var target = parsed.GetValue(folder)!;
            Directory.CreateDirectory(target);
            foreach (var (name, text) in ReferencePages.All(verbs.Root, wire))
            {
                File.WriteAllText(Path.Combine(target, name), text);
                verbs.Screen.Out.WriteLine(Path.Combine(target, name));
            }

            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }
}
