using System.Net;

namespace Drover.Runtime.Docker;

/// <summary>The engine understood and said no. Keeps its status and its own words.</summary>
public sealed class DockerApiException : DockerException
{
    internal DockerApiException(string operation, HttpStatusCode status, string engineMessage)
        : base($"cannot {operation}: {engineMessage}")
    {
        Operation = operation;
        Status = status;
        EngineMessage = engineMessage;
    }

    /// <summary>What was asked, as in <c>restart container "web"</c>.</summary>
    public string Operation { get; }

    /// <summary>HTTP status; for an error that the engine tells inside a stream, the code named there, else
    /// 500.</summary>
    public HttpStatusCode Status { get; }

    /// <summary>The engine's own sentence.</summary>
    public string EngineMessage { get; }

    /// <summary>The thing named does not exist (any more).</summary>
    public bool IsNotFound => Status is HttpStatusCode.NotFound;

    /// <summary>The thing named is in a state or use that forbids it: name taken, not running, in use.</summary>
    public bool IsConflict => Status is HttpStatusCode.Conflict;

    /// <summary>A Swarm object was changed since the version that an update named. The engine has no status of its own
    /// for it.</summary>
    public bool IsStaleVersion => EngineMessage.Contains("update out of sequence", StringComparison.Ordinal);
}
