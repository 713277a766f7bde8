namespace Drover.Wire;

/// <summary>Names of the gateway's own answers (RFC 9457), behind <see cref="Problems.Prefix"/>.</summary>
public static class GatewayProblems
{
    /// <summary>404: no agent answers to the hostname.</summary>
    public const string UnknownHost = "unknown-host";

    /// <summary>400: where the request ends, or for whom it is, can be read in two ways.</summary>
    public const string AmbiguousRequest = "ambiguous-request";

    /// <summary>405: a method that is not forwarded: CONNECT, TRACE, a write to an agent's status path.</summary>
    public const string MethodNotForwarded = "method-not-forwarded";

    /// <summary>408: the body did not arrive in time.</summary>
    public const string TooSlow = Problems.TooSlow;

    /// <summary>413: the body is larger than the agent's <c>max_body</c>.</summary>
    public const string TooLarge = Problems.TooLarge;

    /// <summary>501: a transfer coding, or a protocol of an extended CONNECT, that the gateway does not know.</summary>
    public const string NotSupported = "not-supported";

    /// <summary>502: no connection to the agent, or it ended before an answer.</summary>
    public const string AgentUnreachable = "agent-unreachable";

    /// <summary>502: what the agent answered is no HTTP.</summary>
    public const string AgentAnswerInvalid = "agent-answer-invalid";

    /// <summary>504: the agent did not take the connection, or not answer, in time.</summary>
    public const string AgentTimeout = "agent-timeout";

    /// <summary>500: a defect of the gateway; its log has more.</summary>
    public const string Internal = Problems.Internal;
}
