using System.Globalization;
using Drover.Terminal;
using Drover.Wire.Inventory;
using Drover.Wire.People;

namespace Drover.Commands;

/// <summary>Containers as <c>drover ps</c> shows them.</summary>
internal static class ContainerTable
{
    public static Table Build(IReadOnlyList<HostContainerDto> containers, DateTimeOffset now)
    {
        var several = containers.Select(one => one.HostId).Distinct().Skip(1).Any();
        Table.Column[] columns =
        [
            "APP",
            new("NAME", Shrinks: true),
            new("IMAGE", Shrinks: true),
            "STATE",
            "HEALTH",
            new("RESTARTS", RightAligned: true),
            new("PORTS", Shrinks: true), "AGE",
        ];
        var table = new Table(several ? [.. columns, "HOST"] : columns);
        foreach (var one in Sorted(containers))
        {
            var container = one.Container;
            Cell[] cells =
            [
                one.AppCode, container.Name, container.Image, State(one), Health(container),
                container.RestartCount?.ToString(CultureInfo.InvariantCulture) ?? "-",
                Ports(container),
                Age(container, now),
            ];
            table.Add(several ? [.. cells, one.HostName] : cells);
        }

        return table;
    }

    /// <summary>Host, app and name: an order that does not jump while states change.</summary>
    public static IEnumerable<HostContainerDto> Sorted(IEnumerable<HostContainerDto> containers) => containers
        .OrderBy(one => one.HostName, StringComparer.Ordinal)
        .ThenBy(one => one.AppCode, StringComparer.Ordinal)
        .ThenBy(one => one.Container.Name, StringComparer.Ordinal);

    /// <summary>Sentences on hosts whose rows may be out of date.</summary>
    public static IEnumerable<string> Doubts(IReadOnlyList<HostDto> hosts, DateTimeOffset now) => hosts
        .Where(host => host.State != "live")
        .Select(host => $"{host.Name} is {host.State}"
            + (host.StateSince is { } since ? $" since {TimeText.Age(since, now)}" : "")
            + $": its containers are shown as it last told{(host.Reason is { } reason ? $" ({reason})" : "")}");

    private static Cell State(HostContainerDto one)
    {
        var container = one.Container;
        var text = container is { State: "exited", ExitCode: { } code } ? $"exited ({code})" : container.State;
        if (one.HostState != "live")
        {
            return new Cell($"{text}?", Tone.Dim);
        }

        return container.State switch
        {
            "running" => new Cell(text, Tone.Good),
            "exited" when container.ExitCode is null or 0 => new Cell(text, Tone.Dim),
            "exited" or "dead" => new Cell(text, Tone.Bad),
            "restarting" or "paused" or "removing" => new Cell(text, Tone.Warning),
            _ => text,
        };
    }

    private static Cell Health(ContainerDto container) => container.Health switch
    {
        "healthy" => new Cell("healthy", Tone.Good),
        "unhealthy" => new Cell("unhealthy", Tone.Bad),
        "starting" => new Cell("starting", Tone.Warning),
        _ => "-",
    };

    private static string Ports(ContainerDto container) => container.Ports.Count == 0
        ? "-"
        : string.Join(", ", container.Ports.Select(port => port.Value is { } published
            ? string.Create(CultureInfo.InvariantCulture, $"{published}->{port.Key}")
            : port.Key));

    /// <summary>Time since it started, or since it ended when it does not run, or since it was made.</summary>
    private static string Age(ContainerDto container, DateTimeOffset now)
    {
        var runs = container.State is "running" or "paused" or "restarting";
        var since = runs ? container.StartedAt : container.FinishedAt ?? container.StartedAt;
        return DateTimeOffset.TryParse(
            since ?? container.CreatedAt, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var then)
            ? TimeText.Age(then, now)
            : "-";
    }
}
