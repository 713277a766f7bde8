namespace Drover.Gateway;

/// <summary>The gateway cannot start; the message is one sentence for people that says what to do.</summary>
public sealed class GatewayStartException : Exception
{
    /// <summary>Makes one from a sentence.</summary>
    public GatewayStartException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one from a sentence and what lies behind it.</summary>
    public GatewayStartException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
