namespace Drover.Runtime.Probing;

/// <summary>All kinds of probe, in the order of the reference: from the cheapest to the most particular.</summary>
public static class ProbeTypes
{
    /// <summary>The table.</summary>
    public static IReadOnlyList<ProbeType> All { get; } =
    [
        ProbeTarget.Process.About,
        ProbeTarget.Tcp.About,
        ProbeTarget.Http.About,
        ProbeTarget.Grpc.About,
        ProbeTarget.Exec.About,
        ProbeTarget.File.About,
        ProbeTarget.Log.About,
        ProbeTarget.DockerState.About,
        ProbeTarget.DockerHealth.About,
        ProbeTarget.Temporal.About,
    ];
}
