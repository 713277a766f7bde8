using System.CommandLine;
using Drover.Commands;
using Drover.Runtime.Configuration;
using Drover.Terminal;
using Drover.Wire.Client;

namespace Drover;

/// <summary>
/// From arguments to exit code. Every end is a sentence and a documented code; a stack trace appears only with
/// <c>--debug</c>.
/// </summary>
internal static class CommandLine
{
    private static readonly ParserConfiguration Parsing = new() { ResponseFileTokenReplacer = null };

    /// <summary>Runs one command line.</summary>
    public static async Task<ExitCode> RunAsync(IReadOnlyList<string> arguments, CliHost host)
    {
        var screen = host.Screen;
        try
        {
            return await ParseAndRunAsync(arguments, host).ConfigureAwait(false);
        }
        catch (OutputClosedException)
        {
            return ExitCode.OutputClosed;
        }
        finally
        {
            Flush(screen);
        }
    }

    private static async Task<ExitCode> ParseAndRunAsync(IReadOnlyList<string> arguments, CliHost host)
    {
        var tree = new CommandTree(host);
        var parsed = tree.Root.Parse(arguments, Parsing);
        if (arguments is [] or ["help", ..])
        {
            parsed = tree.Root.Parse([.. arguments.Skip(1), "--help"], Parsing);
        }

        // Help is given for what is incomplete, not for what there is not.
        if (parsed.Action is Help ? parsed.UnmatchedTokens.Count > 0 : parsed.Errors.Count > 0)
        {
            return UsageErrors.Write(host.Screen, parsed);
        }

        using var signals = new Signals(() => host.OnHangUp);
        try
        {
            var invocation = new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
                Output = host.Screen.Out,
                Error = host.Screen.Error,
            };
            return (ExitCode)await parsed.InvokeAsync(invocation, signals.Stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (signals.Stop.IsCancellationRequested)
        {
            return ExitCode.Interrupted;
        }
        catch (Exception error) when (error is not OutputClosedException)
        {
            return Report(host, error, debug: parsed.GetValue(tree.Shared.Debug));
        }
    }

    private static ExitCode Report(CliHost host, Exception error, bool debug)
    {
        var screen = host.Screen;
        var (code, hint) = Explain(error);
        var sentence = error is ServerProblemException problem
            ? ProblemAdvice.Sentence(problem, host.Environment)
            : error.Message;
        screen.Out.Flush();
        screen.Error.WriteLine($"{screen.ErrorPaint.Apply(Tone.Bad, "drover:")} {Printable(sentence)}");
        if (hint is not null)
        {
            screen.Error.WriteLine($"{screen.ErrorPaint.Apply(Tone.Dim, "hint:")} {Printable(hint)}");
        }

        if (debug)
        {
            screen.Error.WriteLine(error.ToString());
        }

        return code;
    }

    private static (ExitCode Code, string? Hint) Explain(Exception error) => error switch
    {
        CliException cli => (cli.Code, cli.Hint),
        ConfigurationException configuration => (ExitCode.ConfigInvalid, configuration.Hint),
        ServerProblemException problem => ProblemAdvice.Of(problem),
        ServerUnreachableException unreachable =>
            (ExitCode.NotReachable, Hint(unreachable) ?? "`drover doctor` looks at the whole set-up"),
        _ => (ExitCode.Failed, "this is a defect of drover; run it again with --debug and report what it prints"),
    };

    internal static string? Hint(Exception error)
    {
        for (var at = error; at is not null; at = at.InnerException)
        {
            if (at is NoServerException none)
            {
                return none.Hint;
            }
        }

        return null;
    }

    private static string Printable(string text) =>
        string.Join('\n', text.Split('\n').Select(Paint.OneLine));

    private static void Flush(Screen screen)
    {
        try
        {
            screen.Out.Flush();
            screen.Error.Flush();
        }
        catch (OutputClosedException)
        {
            // Nobody is left to read it.
        }
    }
}
