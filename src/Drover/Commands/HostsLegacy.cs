using System.CommandLine;
using Drover.Terminal;
using Drover.Wire;

namespace Drover.Commands;

/// <summary><c>drover hosts legacy</c>: the older agent protocol, on or off for one host.</summary>
internal static class HostsLegacy
{
    private const string On = "on";
    private const string Off = "off";

    public static Command Create(VerbContext verbs)
    {
        var host = HostVerbs.HostArgument(verbs);
        var output = SharedOptions.Output();
        var state = new Argument<string>("on|off") { Description = "Whether it may" };
        state.AcceptOnlyFromAmong(On, Off);
        var command = new Command(
            "legacy",
            "Allow a host the older agent protocol, whose signatures bind only the body, or no longer.")
        {
            host,
            state,
            output,
        };
        verbs.RunWithServer(command, async (parsed, client, cancellationToken) =>
        {
            var isOn = parsed.GetValue(state) == On;
            var changed = await client.SetLegacyAsync(parsed.GetValue(host)!, isOn, cancellationToken)
                .ConfigureAwait(false);
            if (parsed.GetValue(output) == SharedOptions.Json)
            {
                JsonText.WriteOne(verbs.Screen, changed, WireJson.Default.HostDto);
                return ExitCode.Ok;
            }

            verbs.Screen.Out.WriteLine(Paint.OneLine(isOn
                ? $"{changed.Name} may speak the older protocol; its key travels with every such request"
                : $"{changed.Name} may no longer speak the older protocol"));
            return ExitCode.Ok;
        });
        return command;
    }
}
