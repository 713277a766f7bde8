using System.CommandLine;
using System.Globalization;
using Drover.Terminal;
using Drover.Wire;
using Drover.Wire.Agents;
using Drover.Wire.People;

namespace Drover.Commands;

/// <summary><c>drover hosts</c>: the machines, how they are, and what runs there.</summary>
internal static class HostsCommand
{
    private const long NoticeableSkewMs = 2_000;

    public static Command Create(VerbContext verbs)
    {
        var output = SharedOptions.Output();
        var command = new Command(
            "hosts",
            "Show the hosts and the supervisors: live, late, offline, docker_down, goodbye or revoked, and why.")
        {
            output,
            HostVerbs.Remove(verbs),
            HostVerbs.Revoke(verbs),
            HostVerbs.RotateKey(verbs),
            HostsLegacy.Create(verbs),
        };
        verbs.RunWithServer(command, async (parsed, client, cancellationToken) =>
        {
            var hosts = (await client.ListHostsAsync(cancellationToken).ConfigureAwait(false))
                .OrderBy(host => host.Name, StringComparer.Ordinal).ToList();
            if (parsed.GetValue(output) == SharedOptions.Json)
            {
                JsonText.WriteList(verbs.Screen, hosts, WireJson.Default.HostDto);
                return ExitCode.Ok;
            }

            Build(hosts, verbs.Now).Write(verbs.Screen);
            if (hosts.Count == 0)
            {
                verbs.Screen.Out.Flush();
                verbs.Screen.Error.WriteLine(
                    "No host has enrolled yet. `drover up` enrolls this machine; `drover token create` lets another "
                        + "one join.");
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static Table Build(IReadOnlyList<HostDto> hosts, DateTimeOffset now)
    {
        var table = new Table(
            "HOST", "KIND", "STATE", "SINCE", "SEEN", new("CONTAINERS", RightAligned: true),
            new("RUNNING", RightAligned: true), new("UNHEALTHY", RightAligned: true), "DOCKER", "AGENT",
            new("NOTE", Shrinks: true));
        foreach (var host in hosts)
        {
            // Only a machine with an engine has containers to count.
            var hasEngine = host.Kind == AgentKinds.HostAgent;
            table.Add(
                host.Name,
                host.Kind.Replace('_', ' '),
                new Cell(host.State, StateTone(host.State)),
                host.StateSince is { } since ? TimeText.Age(since, now) : "-",
                host.LastSeenAt is { } seen ? TimeText.Age(seen, now) : "-",
                hasEngine ? Number(host.Containers) : "-",
                hasEngine ? Number(host.Running) : "-",
                hasEngine ? new Cell(Number(host.Unhealthy), host.Unhealthy > 0 ? Tone.Bad : Tone.Plain) : "-",
                host.Facts?.DockerVersion ?? "-",
                host.Facts?.AgentVersion ?? "-",
                Note(host));
        }

        return table;
    }

    private static string Note(HostDto host)
    {
        var notes = new List<string>();
        if (host.State != "live" && host.Reason is { } reason)
        {
            notes.Add(reason);
        }

        if (host.ClockSkewMs is { } skew && Math.Abs(skew) >= NoticeableSkewMs)
        {
            notes.Add(
                $"clock {TimeText.Took(TimeSpan.FromMilliseconds(Math.Abs(skew)))} {(skew > 0 ? "ahead" : "behind")}");
        }

        if (host.KeyOrderedAt is not null)
        {
            notes.Add("new key ordered");
        }

        if (host.Legacy is true)
        {
            notes.Add("legacy: the older agent protocol is allowed");
        }

        if (host.Facts?.Policy is { MonitorOnly: true })
        {
            notes.Add("monitor only");
        }

        return notes.Count > 0 ? string.Join("; ", notes) : "-";
    }

    private static Tone StateTone(string state) => state switch
    {
        "live" => Tone.Good,
        "late" or "goodbye" => Tone.Warning,
        _ => Tone.Bad,
    };

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
