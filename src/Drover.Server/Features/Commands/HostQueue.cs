using Drover.Server.Features.Hosts;

namespace Drover.Server.Features.Commands;

/// <summary>Tells a host's waiting poll that there may be something for it.</summary>
internal static class HostQueue
{
    public static void Wake(EnrolledHost host)
    {
        host.MayHaveCommands = true;
        host.Work.Beat();
    }
}
