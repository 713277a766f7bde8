namespace Drover.HostAgent;

/// <summary>A host agent cannot start; the message is one sentence for people and says what to do.</summary>
/// <param name="message">The sentence.</param>
/// <param name="innerException">What the world said, where it said something.</param>
public sealed class HostAgentStartException(string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>The server refuses this host: what helps is another token, not another try.</summary>
    public bool IsRefused { get; init; }
}
