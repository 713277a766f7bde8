using Drover.Core.Events;
using Drover.Runtime.Uplink;
using Drover.Wire.Agents;

namespace Drover.HostAgent.Events;

/// <summary>Makes the events about containers that a host agent reports. Pure.</summary>
internal static class ContainerEvents
{
    internal static AgentEventDto Make(EventType type, DateTimeOffset time, LedgerEntry container, int? exitCode = null)
    {
        // An exit with code 0 is what a finished job does; everything else deserves a look.
        var severity = type == EventTypes.ContainerDied && exitCode == 0 ? EventSeverity.Info : type.Severity;
        return ReportedEvents.Make(
            type,
            time,
            container.Name,
            writer =>
            {
                writer.WriteString("app_code", container.AppCode);
                writer.WriteString("name", container.Name);
                writer.WriteString("image", container.Image);
                if (exitCode is { } code)
                {
                    writer.WriteNumber("exit_code", code);
                }
            },
            severity);
    }
}
