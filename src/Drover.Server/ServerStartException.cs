namespace Drover.Server;

/// <summary>The server cannot start; the message is one sentence for people that says what to do.</summary>
public sealed class ServerStartException : Exception
{
    /// <summary>Makes one from a sentence.</summary>
    public ServerStartException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one from a sentence and what lies behind it.</summary>
    public ServerStartException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
