using Drover.Wire.Agents;

namespace Drover.Server.Tests;

/// <summary>Events as a host reports them.</summary>
internal static class AgentEvents
{
    public static AgentEventDto Of(string type, string? subject = null) =>
        new(type, new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), subject, "warning", null);
}
