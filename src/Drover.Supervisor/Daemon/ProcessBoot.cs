using System.Globalization;
using Drover.Runtime.Processes;

namespace Drover.Supervisor.Daemon;

/// <summary>
/// How long a record of processes means anything: until the next boot, and for process 1 of a container until its own
/// end, with which the kernel ends all others there (pid_namespaces(7)). The numbers begin anew then, under the same
/// boot id. Containers that the supervisor keeps are the engine's and live on; their records hold for the boot.
/// </summary>
internal static class ProcessBoot
{
    private const int First = 1;

    internal static readonly string Id =
        Environment.ProcessId == First && ProcessIdentity.TryRead(First) is { } self
            ? string.Create(CultureInfo.InvariantCulture, $"{ProcessIdentity.CurrentBootId}/{self.StartTime}")
            : ProcessIdentity.CurrentBootId;
}
