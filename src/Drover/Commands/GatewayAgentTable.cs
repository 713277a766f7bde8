using System.Globalization;
using Drover.Terminal;
using Drover.Wire.Gateway;

namespace Drover.Commands;

/// <summary>Agents of a gateway as a table.</summary>
internal static class GatewayAgentTable
{
    public static Table Build(IReadOnlyList<GatewayAgentDto> agents, DateTimeOffset now)
    {
        var table = new Table(
            "AGENT", "STATE", "SINCE", "POLICY", new("OPEN", RightAligned: true), "IDLE",
            new("HOSTNAMES", Shrinks: true), new("NOTE", Shrinks: true));
        foreach (var agent in agents)
        {
            table.Add(
                agent.Name,
                new Cell(StateOf(agent), ToneOf(agent)),
                agent.Since is { } since ? TimeText.Age(since, now) : "-",
                agent.Policy,
                agent.Connections.Open.ToString(CultureInfo.InvariantCulture),
                agent.IdleSeconds is { } idle ? TimeText.Age(now.AddSeconds(-idle), now) : "-",
                string.Join(", ", agent.Hostnames),
                Note(agent, now));
        }

        return table;
    }

    /// <summary>The state, with the tier behind it where that says more.</summary>
    public static string StateOf(GatewayAgentDto agent) =>
        agent.Tier is { } tier ? $"{agent.State} ({tier})" : agent.State;

    public static Tone ToneOf(GatewayAgentDto agent) => agent.State switch
    {
        "ready" => Tone.Good,
        "starting" => Tone.Warning,
        "degraded" => Tone.Bad,
        _ => Tone.Plain,
    };

    private static string Note(GatewayAgentDto agent, DateTimeOffset now)
    {
        var notes = new List<string>();
        if (agent.Connections.Fenced)
        {
            notes.Add("nothing new is let in, it goes to sleep");
        }

        if (agent.ReadyBy is { } ready && ready > now)
        {
            notes.Add($"ready in about {TimeText.Took(ready - now)}");
        }

        if (agent.Reason is { } reason)
        {
            notes.Add(reason);
        }

        return notes.Count > 0 ? string.Join("; ", notes) : "-";
    }
}
