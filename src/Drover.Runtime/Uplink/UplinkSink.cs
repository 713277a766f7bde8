using Drover.Runtime.Events;

namespace Drover.Runtime.Uplink;

/// <summary>Tells a server every event of a role.</summary>
/// <param name="uplink">The way there.</param>
public sealed class UplinkSink(RoleUplink uplink) : IEventSink
{
    /// <inheritdoc/>
    public void Take(RoleEvent one)
    {
        ArgumentNullException.ThrowIfNull(one);
        uplink.Tell(one.ToReport());
    }
}
