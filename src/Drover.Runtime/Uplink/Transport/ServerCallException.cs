namespace Drover.Runtime.Uplink.Transport;

/// <summary>What to do about a call to the server that failed.</summary>
public enum ServerFailure
{
    /// <summary>No answer, a timeout, 429 or 5xx: the same request later may well succeed.</summary>
    Unreachable,

    /// <summary>401 or 403: the server does not (any longer) trust this agent. Keep asking, ever more slowly.</summary>
    Refused,

    /// <summary>Another 4xx or an answer that makes no sense: the same request will never succeed.</summary>
    Rejected,
}

/// <summary>A call to the server failed; the loop that made it decides by <see cref="Failure"/>.</summary>
/// <param name="failure">What to do about it.</param>
/// <param name="message">A sentence without secrets.</param>
/// <param name="status">The HTTP status, where there was an answer.</param>
/// <param name="innerException">What the network said.</param>
public sealed class ServerCallException(
    ServerFailure failure, string message, int? status = null, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>What to do about it.</summary>
    public ServerFailure Failure { get; } = failure;

    /// <summary>The HTTP status, where there was an answer.</summary>
    public int? Status { get; } = status;

    /// <summary>The server's certificate is not one to trust: only somebody's doing helps.</summary>
    public bool IsDistrust { get; init; }

    /// <summary>What the server asks to wait (<c>Retry-After</c>), where it does.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
