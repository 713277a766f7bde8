using System.CommandLine;
using System.Text;

namespace Drover.Reference;

/// <summary>docs/reference/cli.md, from the command tree.</summary>
internal static class CliPage
{
    public static string Write(RootCommand root)
    {
        var page = new StringBuilder();
        page
            .Append("# Command line\n\n")
            .Append(ReferencePages.Generated)
            .Append("\n\n")
            .Append(root.Description)
            .Append("\n\n");
        page.Append(
            "Results go to standard output, everything said about them to standard error. Exit codes are listed in "
                + "[errors](errors.md#exit-codes).\n\n");
        page.Append("Options of every verb:\n\n");
        WriteOptions(page, root.Options.Where(option => option.Recursive));
        foreach (var command in root.Subcommands.Where(command => !command.Hidden))
        {
            WriteCommand(page, command, $"drover {command.Name}");
        }

        return page.ToString().TrimEnd() + "\n";
    }

    private static void WriteCommand(StringBuilder page, Command command, string path)
    {
        page.Append("## ").Append(path).Append("\n\n").Append(command.Description).Append("\n\n");
        var visible = command.Subcommands.Where(sub => !sub.Hidden).ToList();
        if (command.Action is not null || visible.Count == 0)
        {
            page.Append("```\n").Append(Usage(command, path)).Append("\n```\n\n");
            WriteArguments(page, command);
            WriteOptions(page, command.Options.Where(option => option is not System.CommandLine.Help.HelpOption));
        }

        foreach (var sub in visible)
        {
            WriteCommand(page, sub, $"{path} {sub.Name}");
        }
    }

    private static string Usage(Command command, string path)
    {
        var usage = new StringBuilder(path);
        foreach (var argument in command.Arguments)
        {
            usage.Append(' ').Append(argument.HelpName ?? argument.Name);
        }

        if (command.Options.Any(option => !option.Hidden && option is not System.CommandLine.Help.HelpOption))
        {
            usage.Append(" [options]");
        }

        return usage.ToString();
    }

    private static void WriteArguments(StringBuilder page, Command command)
    {
        foreach (var argument in command.Arguments.Where(argument => !argument.Hidden))
        {
            page
                .Append("- `")
                .Append(argument.HelpName ?? argument.Name)
                .Append("`: ")
                .Append(argument.Description)
                .Append('\n');
        }

        if (command.Arguments.Any(argument => !argument.Hidden))
        {
            page.Append('\n');
        }
    }

    private static void WriteOptions(StringBuilder page, IEnumerable<Option> options)
    {
        var rows = options.Where(option => !option.Hidden).ToList();
        if (rows.Count == 0)
        {
            return;
        }

        page.Append("| option | meaning |\n|---|---|\n");
        foreach (var option in rows)
        {
            var names = string.Join(
                ", ", option.Aliases.Append(option.Name).OrderBy(name => name.Length).Select(name => $"`{name}`"));
            var value = option.ValueType == typeof(bool) || option.HelpName is null
                ? ""
                : $" `{ReferencePages.Escape(option.HelpName)}`";
            page
                .Append("| ")
                .Append(names)
                .Append(value)
                .Append(" | ")
                .Append(ReferencePages.Escape(option.Description ?? ""))
                .Append(" |\n");
        }

        page.Append('\n');
    }
}
