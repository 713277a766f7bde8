namespace Drover.Runtime.Probing.Rpc;

/// <summary>
/// The messages of grpc.health.v1.Health/Check, encoded by hand. Source: grpc/grpc, doc/health-checking.md.
/// </summary>
internal static class HealthCheckMessages
{
    public const string Method = "/grpc.health.v1.Health/Check";

    /// <summary>HealthCheckRequest; an empty service asks for the whole server.</summary>
    public static byte[] Request(string service) => new ProtobufWriter().Text(1, service).ToArray();

    /// <summary>The status of a HealthCheckResponse; null when it cannot be read.</summary>
    public static ServingStatus? Read(ReadOnlySpan<byte> response)
    {
        var status = ServingStatus.Unknown;
        var reader = new ProtobufReader(response);
        while (reader.Next())
        {
            if (reader is { Field: 1, Type: ProtobufType.Varint })
            {
                status = (ServingStatus)(int)reader.Number;
            }
        }

        return reader.IsBroken ? null : status;
    }
}

/// <summary>HealthCheckResponse.ServingStatus.</summary>
internal enum ServingStatus
{
    Unknown = 0,
    Serving = 1,
    NotServing = 2,
    ServiceUnknown = 3,
}
