using System.CommandLine;
using System.Globalization;
using Drover.Terminal;
using Drover.Wire;
using Drover.Wire.Gateway;

namespace Drover.Commands;

/// <summary><c>drover gateway routes</c>: which hostname leads to which agent.</summary>
internal static class GatewayRoutesCommand
{
    public static Command Create(VerbContext verbs)
    {
        var output = SharedOptions.Output();
        var command = new Command(
            "routes", "Show which hostname leads to which agent, those that agents registered among them.")
        {
            output,
        };
        GatewayLink.Run(verbs, command, async (parsed, client, cancellationToken) =>
        {
            var routes = await client.ListRoutesAsync(cancellationToken).ConfigureAwait(false);
            if (parsed.GetValue(output) == SharedOptions.Json)
            {
                JsonText.WriteList(verbs.Screen, routes, WireJson.Default.GatewayRouteDto);
            }
            else
            {
                Build(routes, verbs.Now).Write(verbs.Screen);
            }

            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>Routes as a table.</summary>
    public static Table Build(IReadOnlyList<GatewayRouteDto> routes, DateTimeOffset now)
    {
        var table = new Table(
            new("HOSTNAME", Shrinks: true), "AGENT", new("PORT", RightAligned: true), "FROM", "EXPIRES");
        foreach (var route in routes)
        {
            table.Add(
                route.Hostname,
                route.Agent,
                route.Port is { } port ? port.ToString(CultureInfo.InvariantCulture) : "-",
                route.Registered ? "the agent" : "drover.yaml",
                route.ExpiresAt is { } end ? $"in {TimeText.Age(now, end)}" : "-");
        }

        return table;
    }
}
