using System.Globalization;
using Drover.Core.Redaction;
using Drover.Runtime.Docker;
using Drover.Runtime.Docker.Containers;
using Drover.Wire.Inventory;

namespace Drover.HostAgent.Inventory;

/// <summary>
/// Turns what the engine says of a container into what leaves the host: nothing that changes with every look (ages),
/// nothing in the engine's random order, no secrets, nothing unbounded. Pure.
/// </summary>
internal static class ContainerNormaliser
{
    private const int MaxTextLength = 4096;

    /// <param name="summary">The container's line in the list.</param>
    /// <param name="inspect">Its details; null when the engine could not give them, which costs those fields
    /// only.</param>
    internal static ContainerDto Normalise(ContainerSummary summary, ContainerInspect? inspect)
    {
        var state = inspect?.State.Status is { Length: > 0 } inspected ? inspected : summary.State;
        var hasEnded = state is not ("running" or "paused") && inspect?.State.StartedAt is not null;
        return new ContainerDto
        {
            DockerId = summary.Id,
            Name = inspect?.PlainName is { Length: > 0 } name ? name : summary.Name,
            Image = inspect?.Config.Image is { Length: > 0 } image ? image : summary.Image,
            ImageId = inspect?.Image is { Length: > 0 } imageId ? imageId : summary.ImageId,
            Command = Bounded(SecretRedactor.Redact(summary.Command).Text),
            State = state,
            Status = StatusWithoutAge(summary.Status),
            Health = HealthOf(summary, inspect),
            RestartCount = inspect?.RestartCount,
            ExitCode = hasEnded ? inspect?.State.ExitCode : null,
            Ports = PortsOf(summary, inspect),
            Labels = LabelsOf(summary),
            Networks = NetworksOf(summary, inspect),
            Volumes = [.. (inspect?.Mounts ?? summary.Mounts).Select(VolumeOf).Order(StringComparer.Ordinal)],
            CreatedAt = (inspect?.Created ?? new EngineTimestamp(summary.Created, 0)).ToString(),
            StartedAt = inspect?.State.StartedAt?.ToString(),
            FinishedAt = hasEnded ? inspect?.State.FinishedAt?.ToString() : null,
        };
    }

    /// <summary><c>Up 3 minutes (healthy)</c> is <c>Up</c>; <c>Exited (1) 2 hours ago</c> is <c>Exited (1)</c>; others
    /// stay.</summary>
    internal static string StatusWithoutAge(string status)
    {
        if (status.StartsWith("Up ", StringComparison.Ordinal))
        {
            return status.EndsWith("(Paused)", StringComparison.Ordinal) ? "Up (Paused)" : "Up";
        }

        var end = status.IndexOf(')', StringComparison.Ordinal);
        return end > 0 && status.EndsWith(" ago", StringComparison.Ordinal) ? status[..(end + 1)] : status;
    }

    private static string? HealthOf(ContainerSummary summary, ContainerInspect? inspect)
    {
        if (inspect is not null)
        {
            return inspect.State.Health?.Status is { Length: > 0 } status and not "none" ? status : null;
        }

        return summary.Status switch
        {
            var text when text.EndsWith("(healthy)", StringComparison.Ordinal) => "healthy",
            var text when text.EndsWith("(unhealthy)", StringComparison.Ordinal) => "unhealthy",
            var text when text.EndsWith("(health: starting)", StringComparison.Ordinal) => "starting",
            _ => null,
        };
    }

    private static SortedDictionary<string, int?> PortsOf(ContainerSummary summary, ContainerInspect? inspect)
    {
        var ports = new SortedDictionary<string, int?>(StringComparer.Ordinal);
        foreach (var port in summary.Ports)
        {
            var key = string.Create(CultureInfo.InvariantCulture, $"{port.PrivatePort}/{port.Type}");
            ports[key] = ports.GetValueOrDefault(key) ?? port.PublicPort;
        }

        // A container that does not run has no ports in the list, but those it declares.
        foreach (var declared in inspect?.Config.ExposedPorts?.Keys ?? [])
        {
            ports.TryAdd(declared, null);
        }

        return ports;
    }

    private static SortedDictionary<string, string> LabelsOf(ContainerSummary summary)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in summary.Labels)
        {
            labels[key] = Bounded(SecretRedactor.RedactValue(key, value).Text);
        }

        return labels;
    }

    private static SortedDictionary<string, string> NetworksOf(ContainerSummary summary, ContainerInspect? inspect)
    {
        var networks = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, endpoint) in (inspect?.NetworkSettings ?? summary.NetworkSettings).Networks)
        {
            networks[name] = endpoint.IpAddress ?? "";
        }

        return networks;
    }

    private static string VolumeOf(MountPoint mount)
    {
        var path = mount.Source.Length > 0 ? mount.Source : mount.Type;
        var source = mount.Name is { Length: > 0 } name ? name : path;
        return $"{source}:{mount.Destination}{(mount.IsWritable ? "" : ":ro")}";
    }

    private static string Bounded(string text) =>
        text.Length <= MaxTextLength ? text : string.Concat(text.AsSpan(0, MaxTextLength), "…");
}
