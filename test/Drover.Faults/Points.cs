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

    public static bool IsServers(string point) => Servers.Contains(point);

    public static IReadOnlyList<string> Of(bool isServers) =>
        [.. FaultPoints.All.Where(point => IsServers(point) == isServers)];
}
