namespace Drover.Supervisor;

/// <summary>The supervisor cannot start; the message is for people and says what to do.</summary>
public sealed class SupervisorStartException : Exception
{
    /// <param name="message">A sentence of the form <c>cannot X: why</c>.</param>
    /// <param name="inner">What led to it.</param>
    public SupervisorStartException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
