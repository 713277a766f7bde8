using Drover.Runtime.Configuration;
using Drover.Terminal;

namespace Drover.Cli.Tests;

/// <summary>Runs a command line within the test, with an environment and a screen of its own.</summary>
internal sealed class CliRun
{
    private readonly Dictionary<string, string> _environment = new(StringComparer.Ordinal);

    public StringWriter Out { get; } = new() { NewLine = "\n" };

    public StringWriter Error { get; } = new() { NewLine = "\n" };

    public CliRun With(string name, string value)
    {
        _environment[name] = value;
        return this;
    }

    public Screen Screen(bool terminal = false, bool colour = false) =>
        new(Out, Error, terminal, terminal, colour, () => 60);

    public CliHost Host() =>
        new(Screen(), new EnvironmentVariables(_environment.GetValueOrDefault), TimeProvider.System);

    public async Task<ExitCode> RunAsync(params string[] arguments) => await CommandLine.RunAsync(arguments, Host());
}
