using Drover.Core.Trust;
using Drover.Server.Features.Hosts;
using Drover.Wire.Agents;

namespace Drover.Server.Features.Certificates;

/// <summary>
/// Tells a host agent, in the answer to its heartbeat, which pin the server will have next, until the agent says that
/// it has stored it; and takes back what an agent stored and will not come, as after a restored backup.
/// </summary>
internal sealed class AnnouncePins(ServerCertificates certificates)
{
    /// <summary>The announcement for the answer, or null when there is nothing to say.</summary>
    public (IReadOnlyList<string> Pins, string Mac)? For(EnrolledHost host, HeartbeatRequest heartbeat)
    {
        host.KnownPin = heartbeat.NextPin;
        if (certificates.Now is not { } state)
        {
            return null;
        }

        var next = state.Next?.Pin.ToString();
        if (heartbeat.NextPin == next || (next is null && heartbeat.NextPin == state.Current.Pin.ToString()))
        {
            return null;
        }

        IReadOnlyList<string> pins = next is null ? [] : [next];
        return (pins, PinAnnouncement.Sign(host.Key, host.HostId, heartbeat.Run, heartbeat.Seq, pins));
    }
}
