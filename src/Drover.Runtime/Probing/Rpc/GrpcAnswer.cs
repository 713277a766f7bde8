namespace Drover.Runtime.Probing.Rpc;

/// <summary>What came of a gRPC call.</summary>
internal abstract record GrpcAnswer
{
    private GrpcAnswer()
    {
    }

    /// <summary>The method answered.</summary>
    /// <param name="Body">The encoded message.</param>
    public sealed record Message(byte[] Body) : GrpcAnswer;

    /// <summary>The server answered with a status other than OK.</summary>
    /// <param name="Status">Number of the status.</param>
    /// <param name="Words">What the server says, fit for a sentence.</param>
    public sealed record Refused(int Status, string Words) : GrpcAnswer;

    /// <summary>No gRPC answer came.</summary>
    /// <param name="Why">A sentence.</param>
    public sealed record None(string Why) : GrpcAnswer;
}

/// <summary>The statuses of gRPC (grpc/grpc, doc/statuscodes.md).</summary>
internal static class GrpcStatus
{
    public const int NotFound = 5;
    public const int PermissionDenied = 7;
    public const int Unimplemented = 12;
    public const int Unauthenticated = 16;

    private static readonly string[] Names =
    [
        "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
        "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
        "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
    ];

    /// <summary>Its name, or its number where it has none.</summary>
    public static string NameOf(int status) =>
        status >= 0 && status < Names.Length ? Names[status] : $"status {status}";

    /// <summary>A refusal in words: <c>UNAVAILABLE: shutting down</c>.</summary>
    public static string Words(GrpcAnswer.Refused refused) =>
        refused.Words.Length == 0 ? NameOf(refused.Status) : $"{NameOf(refused.Status)}: {refused.Words}";
}
