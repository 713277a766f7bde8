namespace Drover.Runtime.Probing;

public abstract partial record ProbeTarget
{
    /// <summary>
    /// A TCP connection comes about. Use it for servers that speak neither HTTP nor gRPC, and for startup; an open port
    /// only shows that the kernel takes connections for the process, which may hang behind it.
    /// </summary>
    /// <param name="Address">Where to.</param>
    public sealed record Tcp(ProbeAddress Address) : ProbeTarget
    {
        internal static readonly ProbeType About = new(
            "tcp",
            "A TCP connection to the address comes about; it is closed again without a word.",
            "For servers that speak neither HTTP nor gRPC, and for startup. The kernel accepts for a process that "
            + "hangs, so prefer a question that the program itself must answer for liveness.");

        /// <inheritdoc/>
        public override ProbeType Type => About;

        internal override IProbe CreateProbe(ProbeServices services) => new TcpProbe(Address, services.Time);
    }
}

/// <summary>Connects and hangs up.</summary>
internal sealed class TcpProbe(ProbeAddress address, TimeProvider time) : IProbe
{
    public string Description => $"tcp {address}";

    public async ValueTask<ProbeReport> RunAsync(ProbeSubject subject, CancellationToken cancellationToken)
    {
        try
        {
            using var socket = await ProbeConnection.OpenAsync(address, time, cancellationToken);
            return ProbeReport.Success($"connected to {socket.RemoteEndPoint}");
        }
        catch (ProbeConnectException exception)
        {
            return ProbeReport.Failure(exception.Message);
        }
    }
}
