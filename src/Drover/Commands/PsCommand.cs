using System.CommandLine;
using Drover.Terminal;
using Drover.Wire;
using Drover.Wire.Agents;
using Drover.Wire.Client;
using Drover.Wire.People;

namespace Drover.Commands;

/// <summary><c>drover ps</c>: every container, once or for as long as somebody watches.</summary>
internal static class PsCommand
{
    public static Command Create(VerbContext verbs)
    {
        var host = AppArgument.HostOption(verbs, "Only this host's (name or id)");
        var watch = new Option<bool>("--watch", "-w") { Description = "Stay and follow changes" };
        var output = SharedOptions.Output();
        var command = new Command(
            "ps",
            "Show every container. AGE is the time since it started, or ended when it does not run; \"?\" marks what a "
                + "host that is not live last told.")
        {
            host, watch, output,
        };
        verbs.RunWithServer(command, async (parsed, client, cancellationToken) =>
        {
            var json = parsed.GetValue(output) == SharedOptions.Json;
            var wanted = parsed.GetValue(host);
            if (parsed.GetValue(watch))
            {
                return await new PsWatch(verbs, client, wanted, json).RunAsync(cancellationToken).ConfigureAwait(false);
            }

            var containers = await client.ListContainersAsync(wanted, cancellationToken).ConfigureAwait(false);
            if (json)
            {
                JsonText.WriteList(verbs.Screen, ContainerTable.Sorted(containers), WireJson.Default.HostContainerDto);
                return ExitCode.Ok;
            }

            var hosts = await HostsAsync(client, wanted, cancellationToken).ConfigureAwait(false);
            ContainerTable.Build(containers, verbs.Now).Write(verbs.Screen);
            Explain(verbs, hosts, wanted, containers.Count);
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>The hosts a list concerns.</summary>
    internal static async Task<IReadOnlyList<HostDto>> HostsAsync(
        DroverClient client, string? wanted, CancellationToken cancellationToken)
    {
        var enrolled = await client.ListHostsAsync(cancellationToken).ConfigureAwait(false);
        return
        [
            .. enrolled.Where(one => one.Kind == AgentKinds.HostAgent
                && (wanted is null || one.HostId == wanted || one.Name == wanted)),
        ];
    }

    private static void Explain(VerbContext verbs, IReadOnlyList<HostDto> hosts, string? wanted, int containers)
    {
        var screen = verbs.Screen;
        screen.Out.Flush();
        if (hosts.Count == 0 && wanted is null)
        {
            screen.Error.WriteLine(
                "No host has enrolled yet. `drover up` enrolls this machine; `drover token create` lets another one "
                    + "join.");
        }
        else if (containers == 0)
        {
            screen.Error.WriteLine("No containers yet.");
        }

        foreach (var doubt in ContainerTable.Doubts(hosts, verbs.Now))
        {
            screen.Error.WriteLine(screen.ErrorPaint.Apply(Tone.Warning, doubt));
        }
    }
}
