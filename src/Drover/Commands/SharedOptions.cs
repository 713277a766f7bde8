using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Drover.Commands;

/// <summary>Options that several verbs have, named and worded once.</summary>
internal sealed class SharedOptions
{
    public const string Table = "table";
    public const string Json = "json";

    public Option<string?> Config { get; } = new("--config")
    {
        Description = "Configuration file; else ./drover.yaml, then /etc/drover/drover.yaml",
        HelpName = "FILE",
        Recursive = true,
    };

    public Option<bool> Debug { get; } = new("--debug")
    {
        Description = "Show stack traces of errors, and everything roles log",
        Recursive = true,
    };

    public static Option<string> Output(string programs = "json for programs")
    {
        var option = new Option<string>("--output", "-o")
        {
            Description = $"How to print: table, or {programs}",
            HelpName = "table|json",
            DefaultValueFactory = _ => Table,
        };
        Only(option, [Table, Json]);
        return option;
    }

    /// <summary>Lets an option take words of a closed set, which completion offers.</summary>
    public static void Only(Option option, IReadOnlyList<string> allowed)
    {
        option.CompletionSources.Add([.. allowed]);
        option.Validators.Add(result =>
        {
            if (result.Tokens.FirstOrDefault(token => !allowed.Contains(token.Value)) is { } wrong)
            {
                result.AddError($"{option.Name} takes {string.Join(", ", allowed)}, not \"{wrong.Value}\"");
            }
        });
    }

    /// <summary>Where the server listens: <c>--listen</c>.</summary>
    public static Option<string?> Listen()
    {
        var option = new Option<string?>("--listen")
        {
            Description = "Address and port to listen on; wins over server.listen. TLS everywhere but on loopback",
            HelpName = "ADDRESS:PORT",
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token, ..]
                && (!token.Value.Contains(':', StringComparison.Ordinal)
                    || !System.Net.IPEndPoint.TryParse(token.Value, out _)))
            {
                result.AddError($"--listen takes an IP address and a port such as 0.0.0.0:7780, not \"{token.Value}\"");
            }
        });
        return option;
    }

    public static Option<string?> Host(string description) =>
        new("--host", "-H") { Description = description, HelpName = "HOST" };

    /// <summary>How many of something: <c>-n</c>.</summary>
    public static Option<int> Count(string description, int fallback, int most, int least = 1) => new("-n")
    {
        Description = $"{description}, {least} to {most} (default {fallback})",
        HelpName = "N",
        DefaultValueFactory = _ => fallback,
        CustomParser = result => Whole(result, least, most) ?? fallback,
    };

    /// <summary>A whole number; what is none is told to the result in a sentence of ours.</summary>
    public static int? Whole(ArgumentResult result, int least, int most, string? more = null)
    {
        var text = result.Tokens[0].Value;
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            && number >= least && number <= most)
        {
            return number;
        }

        result.AddError($"-n takes {least} to {most}, not \"{text}\"{more}");
        return null;
    }

    /// <summary>An option whose value is a duration such as <c>30s</c>.</summary>
    public static Option<TimeSpan?> Duration(string name, string description, TimeSpan least, TimeSpan most) =>
        new(name)
        {
            Description = description,
            HelpName = "DURATION",
            CustomParser = result =>
            {
                var text = result.Tokens[0].Value;
                if (Runtime.Configuration.DurationText.TryParse(text, out var value) is { } why)
                {
                    result.AddError($"{name}: {why}");
                }
                else if (value < least || value > most)
                {
                    result.AddError(
                        $"{name} takes {Runtime.Configuration.DurationText.Format(least)} to "
                        + $"{Runtime.Configuration.DurationText.Format(most)}, not \"{text}\"");
                }

                return value;
            },
        };
}
