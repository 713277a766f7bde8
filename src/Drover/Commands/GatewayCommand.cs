using System.CommandLine;
using Drover.Roles;
using Drover.Terminal;

namespace Drover.Commands;

/// <summary><c>drover gateway</c>: leads hostnames to agents.</summary>
internal static class GatewayCommand
{
    public static Command Create(VerbContext verbs)
    {
        var command = new Command(
            "gateway",
            "Run the gateway in the foreground: it leads hostnames to the agents that drover.yaml names under "
                + "gateway.agents. Ctrl-C lets open requests end first, SIGHUP reads drover.yaml and certificates "
                + "again.")
        {
            GatewayAgentsCommand.Create(verbs),
            GatewayInspectCommand.Create(verbs),
            GatewayOrderCommand.Wake(verbs),
            GatewayOrderCommand.Sleep(verbs),
            GatewayRoutesCommand.Create(verbs),
            GatewayEventsCommand.Create(verbs),
            GatewayWebhooksCommand.Create(verbs),
        };
        VerbContext.Run(command, (parsed, cancellationToken) => RoleHost.RunAsync(
            verbs,
            verbs.Settings(parsed),
            parsed.GetValue(verbs.Shared.Debug),
            (roles, starting) => StartAsync(verbs, roles, starting),
            cancellationToken));
        return command;
    }

    private static async Task StartAsync(VerbContext verbs, RoleHost roles, CancellationToken cancellationToken)
    {
        await roles.StartGatewayAsync(cancellationToken).ConfigureAwait(false);
        var agents = roles.Settings.Gateway().Agents;
        var screen = verbs.Screen;
        screen.Out.WriteLine(Paint.OneLine(
            $"drover gateway {ProductVersion.Number} listens on {string.Join(" and ", roles.Gateway!.Listens)}, leads "
                + $"to {Count(agents.Count)}"));
        var token = roles.Gateway.AdminTokenPath is { } path ? $", its token in {path}" : "";
        screen.Error.WriteLine(Paint.OneLine($"Operators are heard on {roles.Gateway.AdminListen}{token}."));
        if (agents.Count == 0)
        {
            screen.Error.WriteLine("drover.yaml has no agents under gateway.agents: every request gets 404.");
        }

        screen.Out.Flush();
    }

    private static string Count(int agents) => agents == 1 ? "1 agent" : $"{agents} agents";
}
