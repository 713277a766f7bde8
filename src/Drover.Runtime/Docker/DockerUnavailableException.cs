namespace Drover.Runtime.Docker;

/// <summary>No usable answer came. Whether a change was made is unknown unless <see cref="Failure"/> is Unreachable or
/// Denied.</summary>
public sealed class DockerUnavailableException : DockerException
{
    internal DockerUnavailableException(string operation, DockerFailure failure, string why, Exception? inner = null)
        : base($"cannot {operation}: {why}", inner)
    {
        Operation = operation;
        Failure = failure;
    }

    /// <summary>What was asked, as in <c>list the containers</c>.</summary>
    public string Operation { get; }

    /// <summary>The kind of failure.</summary>
    public DockerFailure Failure { get; }
}

/// <summary>Why no usable answer came.</summary>
public enum DockerFailure
{
    /// <summary>Nothing listens there; nothing was sent.</summary>
    Unreachable,

    /// <summary>The socket's permissions or the TLS handshake refused us; nothing was sent.</summary>
    Denied,

    /// <summary>The engine took the connection and did not answer in time.</summary>
    TimedOut,

    /// <summary>The connection broke before the answer was whole.</summary>
    ConnectionLost,

    /// <summary>What came is not what an engine answers: not HTTP, not JSON, or too large.</summary>
    BadAnswer,
}
