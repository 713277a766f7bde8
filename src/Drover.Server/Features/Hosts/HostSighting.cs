using Drover.Core.Fleet;

namespace Drover.Server.Features.Hosts;

/// <summary>What was last heard of a host, as one value that is swapped whole.</summary>
/// <param name="Status">State and deadlines, of <see cref="HostMachine"/>.</param>
/// <param name="Since">When it came into that state.</param>
/// <param name="Heartbeats">The sequence of its heartbeats.</param>
/// <param name="LastSeenAt">Its last signed word.</param>
/// <param name="ClockSkewMs">Its clock minus the server's at the last heartbeat.</param>
internal sealed record HostSighting(
    HostStatus Status, DateTimeOffset Since, RunSequence Heartbeats, DateTimeOffset? LastSeenAt, long? ClockSkewMs);
