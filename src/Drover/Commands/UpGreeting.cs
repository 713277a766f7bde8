using Drover.Configuration;
using Drover.Roles;
using Drover.Runtime.Configuration;
using Drover.Terminal;

namespace Drover.Commands;

/// <summary>What <c>drover up</c> says when it is up: what runs, where its things are, what to do next.</summary>
internal static class UpGreeting
{
    public static void Write(VerbContext verbs, RoleHost roles, string drover)
    {
        var screen = verbs.Screen;
        var settings = roles.Settings;
        screen.Out.WriteLine(
            $"{screen.OutPaint.Apply(Tone.Strong, $"drover {ProductVersion.Number}")} is up on "
                + $"{Environment.MachineName}: {RolesOf(settings)}");
        screen.Out.WriteLine();
        foreach (var (name, value) in Facts(roles))
        {
            screen.Out.WriteLine($"  {screen.OutPaint.Apply(Tone.Dim, name.PadRight(15))} {Paint.OneLine(value)}");
        }

        screen.Out.WriteLine();
        screen.Out.WriteLine("Next, in another terminal:");
        screen.Out.WriteLine();
        foreach (var verb in NextVerbs(roles, drover))
        {
            screen.Out.WriteLine(Paint.OneLine($"  {verb}"));
        }

        screen.Out.WriteLine();
        screen.Out.Flush();
    }

    internal static string RolesOf(Settings settings)
    {
        var roles = new List<string>();
        if (settings.UpRunsServer)
        {
            roles.Add("server");
        }

        if (settings.UpRunsAgent)
        {
            roles.Add("host agent");
        }

        if (settings.UpRunsSupervisor)
        {
            roles.Add("supervisor");
        }

        if (settings.UpRunsGateway)
        {
            roles.Add("gateway");
        }

        return roles.Count == 1 ? roles[0] : $"{string.Join(", ", roles.SkipLast(1))} and {roles[^1]}";
    }

    private static IEnumerable<(string Name, string Value)> Facts(RoleHost roles)
    {
        var settings = roles.Settings;
        if (roles.Server is { } server)
        {
            yield return ("address", server.Listens);
        }
        else if (settings.UpRunsAgent)
        {
            yield return (
                "server",
                $"{Address(settings.AgentServer!)}  (host_agent.server in drover.yaml; no server runs here)");
        }

        yield return (
            "data directory",
            $"{settings.DataDirectory}  ({EnvironmentVariables.DataDirectory} or data_dir in drover.yaml changes it)");
        if (settings.UpRunsAgent)
        {
            yield return ("docker", settings.DockerHost);
        }
        else if (settings.UpRunsServer)
        {
            yield return (
                "host agent",
                $"none runs here: drover.yaml has `{SectionsOf(settings, "server")}` and no "
                    + "`host_agent` (`host_agent: {}` adds one)");
        }
        else
        {
            yield return (
                "server",
                $"none runs here: drover.yaml has `{SectionsOf(settings, "")}` alone (`server: {{}}` and "
                    + "`host_agent: {}` add them)");
        }

        if (settings.UpRunsSupervisor)
        {
            var names = settings.Supervisor().Components.Select(one => one.Name).ToList();
            yield return (
                "components",
                names.Count == 0 ? "none: drover.yaml has nothing under supervisor.components"
                    : string.Join(", ", names));
        }

        if (roles.Gateway is { } gateway)
        {
            var agents = settings.Gateway().Agents.Select(one => one.Name).ToList();
            yield return (
                "gateway",
                $"{string.Join(" and ", gateway.Listens)}, leads to "
                    + (agents.Count == 0
                        ? "nobody: drover.yaml has nothing under gateway.agents"
                        : string.Join(", ", agents)));
        }

        if (roles.AdminToken() is { } token)
        {
            yield return ("admin token", token);
        }
    }

    /// <summary>What a person does next; it depends on what runs here.</summary>
    private static IEnumerable<string> NextVerbs(RoleHost roles, string drover)
    {
        var settings = roles.Settings;
        if (settings.UpRunsAgent)
        {
            yield return roles.Server is null
                ? $"DROVER_SERVER={Address(settings.AgentServer!)} DROVER_TOKEN_FILE=FILE {drover} ps --watch"
                : $"{drover} ps --watch";
            if (roles.Server is not null)
            {
                yield return $"{drover} logs APP --follow";
                yield return $"{drover} restart APP";
            }
        }
        else if (settings.UpRunsServer)
        {
            yield return $"{drover} token create --file FILE";
            yield return $"{drover} hosts";
        }

        if (settings.UpRunsSupervisor)
        {
            yield return $"{drover} supervisor status --watch";
            yield return $"{drover} supervisor logs --all --follow";
        }

        if (roles.Gateway is { } gateway
            && settings.Gateway().Agents.SelectMany(agent => agent.Hostnames)
                .Where(host => !host.IsWildcard).Select(host => host.Name).FirstOrDefault() is { } name)
        {
            yield return $"curl --header 'Host: {name}' {gateway.Listens[0]}/";
        }
    }

    private static string SectionsOf(Settings settings, string otherwise) =>
        (settings.UpRunsSupervisor, settings.UpRunsGateway) switch
        {
            (true, true) => "supervisor` and `gateway",
            (true, false) => "supervisor",
            (false, true) => "gateway",
            _ => otherwise,
        };

    private static string Address(Uri address) => address.ToString().TrimEnd('/');
}
