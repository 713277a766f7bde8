using Drover.Runtime.Probing.Rpc;

namespace Drover.Runtime.Probing;

public abstract partial record ProbeTarget
{
    /// <summary>
    /// The server answers grpc.health.v1 with SERVING. Use it for gRPC servers, instead of tcp: an open port shows
    /// nothing of the program behind it. Without TLS.
    /// </summary>
    /// <param name="Address">Where to.</param>
    /// <param name="Service">Which service of the server; empty for the server as a whole.</param>
    public sealed record Grpc(ProbeAddress Address, string Service = "") : ProbeTarget
    {
        internal static readonly ProbeType About = new(
            "grpc",
            "grpc.health.v1.Health/Check answers SERVING; every other answer is a failure that names it. Without TLS.",
            "For gRPC servers that offer the standard health service. Name a service where parts of the server can be "
            + "unwell by themselves. A server without the health service is told as such: add it, or use tcp.");

        /// <inheritdoc/>
        public override ProbeType Type => About;

        internal override IProbe CreateProbe(ProbeServices services) =>
            new GrpcProbe(Address, Service, services.Time);
    }
}

/// <summary>Asks grpc.health.v1, as the kubelet: only SERVING is a success.</summary>
internal sealed class GrpcProbe(ProbeAddress address, string service, TimeProvider time) : IProbe
{
    private const int MostBytes = 4 * 1024;

    private readonly byte[] _request = HealthCheckMessages.Request(service);
    private readonly string _whom = service.Length == 0 ? $"the server at {address}" : $"service \"{service}\"";

    public string Description => service.Length == 0 ? $"grpc {address}" : $"grpc {address} {service}";

    public async ValueTask<ProbeReport> RunAsync(ProbeSubject subject, CancellationToken cancellationToken) =>
        await GrpcCall.UnaryAsync(
            address, HealthCheckMessages.Method, _request, MostBytes, time, cancellationToken) switch
        {
            GrpcAnswer.Message answer => Judge(HealthCheckMessages.Read(answer.Body)),
            GrpcAnswer.Refused { Status: GrpcStatus.NotFound } =>
                ProbeReport.Failure($"the server at {address} does not know a service \"{service}\" (NOT_FOUND)"),
            GrpcAnswer.Refused { Status: GrpcStatus.Unimplemented } => ProbeReport.Failure(
                $"the gRPC server at {address} has no health service (UNIMPLEMENTED); "
                + "add grpc.health.v1 to it, or probe it with tcp"),
            GrpcAnswer.Refused refused =>
                ProbeReport.Failure($"the health check at {address} was refused: {GrpcStatus.Words(refused)}"),
            GrpcAnswer.None none => ProbeReport.Failure(none.Why),
            _ => throw new InvalidOperationException("unknown gRPC answer"),
        };

    private ProbeReport Judge(ServingStatus? status) => status switch
    {
        ServingStatus.Serving => ProbeReport.Success($"{_whom} is SERVING"),
        ServingStatus.NotServing => ProbeReport.Failure($"{_whom} is NOT_SERVING"),
        ServingStatus.Unknown => ProbeReport.Failure($"{_whom} is UNKNOWN: it has not said yet how it is"),
        ServingStatus.ServiceUnknown => ProbeReport.Failure($"{_whom} is SERVICE_UNKNOWN"),
        { } other => ProbeReport.Failure($"{_whom} has the status {(int)other}, which is not SERVING"),
        null => ProbeReport.Failure($"the health check at {address} answered something that is no health status"),
    };
}
