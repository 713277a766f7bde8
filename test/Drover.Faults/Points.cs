using Drover.Runtime.Faults;

namespace Drover.Faults;

/// <summary>Which process reaches which fault point.</summary>
internal static class Points
{
    private static readonly string[] Servers =
    [
        FaultPoints.EnrollTokenConsumed, FaultPoints.EnrollCommitted, FaultPoints.OrderStored,
        FaultPoints.DeliveryLeased, FaultPoints.ReportStored, FaultPoints.EventsStored,
        FaultPoints.KeyStored, FaultPoints.KeyPromoted,
    ];

    /// <summary>Those of the supervisor, which has tests of its own.</summary>
    private static readonly string[] Supervisors =
    [
        FaultPoints.LaunchRecorded, FaultPoints.LaunchSpawned, FaultPoints.LaunchIdentified,
        FaultPoints.StopRecorded,
        FaultPoints.LogCopied, FaultPoints.LogNamed, FaultPoints.LogRecorded,
        FaultPoints.LogMarked, FaultPoints.LogAnnounced, FaultPoints.LogRemoved,
    ];

    /// <summary>Those of server and host agent. That of webhooks has its run where the gateway's verb is tested.
    /// </summary>
    public static IReadOnlyList<string> All { get; } =
        [.. FaultPoints.All.Except(Supervisors).Except([FaultPoints.WebhookSent])];

    public static bool IsServers(string point) => Servers.Contains(point);

    public static IReadOnlyList<string> Of(bool isServers) =>
        [.. All.Where(point => IsServers(point) == isServers)];
}
