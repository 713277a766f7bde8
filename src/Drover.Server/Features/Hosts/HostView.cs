using Drover.Core.Fleet;
using Drover.Wire.People;

namespace Drover.Server.Features.Hosts;

/// <summary>A host as people see it.</summary>
internal static class HostView
{
    /// <summary>The states a host can be in, by name.</summary>
    public static readonly IReadOnlyList<string> States = [.. Enum.GetValues<HostState>().Select(HostStates.NameOf)];

    public static HostDto Of(EnrolledHost host)
    {
        var sighting = host.Sighting;
        var inventory = host.Inventory;
        return new HostDto
        {
            HostId = host.HostId,
            DeploymentHash = host.Identity.DeploymentHash,
            Name = host.Name,
            Kind = host.Identity.Kind,
            State = HostStates.NameOf(sighting.Status.State),
            Reason = sighting.Status.Reason.Length > 0 ? sighting.Status.Reason : null,
            StateSince = sighting.Since,
            LastSeenAt = sighting.LastSeenAt,
            EnrolledAt = host.Identity.EnrolledAt,
            KeyOrderedAt = host.Keys.OrderedAt,
            ClockSkewMs = sighting.ClockSkewMs,
            Containers = inventory.Containers.Count,
            Running = inventory.Running,
            Unhealthy = inventory.Unhealthy,
            Legacy = host.IsLegacy ? true : null,
            Facts = host.Facts,
        };
    }
}
