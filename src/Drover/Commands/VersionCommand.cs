using System.CommandLine;
using System.CommandLine.Invocation;
using System.Runtime.InteropServices;
using Drover.Terminal;

namespace Drover.Commands;

/// <summary><c>drover version</c>.</summary>
internal static class VersionCommand
{
    public static Command Create(VerbContext verbs)
    {
        var output = SharedOptions.Output();
        var command = new Command("version", "Print the version.") { output };
        VerbContext.Run(command, (parsed, _) =>
        {
            if (parsed.GetValue(output) == SharedOptions.Json)
            {
                JsonText.WriteObject(verbs.Screen, json =>
                {
                    json.WriteString("version", ProductVersion.Number);
                    json.WriteString("build", ProductVersion.Full);
                    json.WriteString("runtime", RuntimeInformation.FrameworkDescription);
                    json.WriteString("platform", RuntimeInformation.RuntimeIdentifier);
                });
            }
            else
            {
                verbs.Screen.Out.WriteLine($"drover {ProductVersion.Full}");
            }

            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }

    /// <summary>What <c>--version</c> does.</summary>
    internal sealed class Print(VerbContext verbs) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            verbs.Screen.Out.WriteLine($"drover {ProductVersion.Full}");
            return (int)ExitCode.Ok;
        }
    }
}
