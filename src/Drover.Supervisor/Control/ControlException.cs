namespace Drover.Supervisor.Control;

/// <summary>The supervisor refused, or could not be spoken to; the message is for people.</summary>
public class ControlException : Exception
{
    /// <param name="message">A sentence of the form <c>cannot X: why</c>.</param>
    /// <param name="hint">What to do.</param>
    /// <param name="inner">What led to it.</param>
    public ControlException(string message, string? hint = null, Exception? inner = null)
        : base(message, inner) => Hint = hint;

    /// <summary>What to do; null where nothing helps.</summary>
    public string? Hint { get; }

    /// <summary>Which kind of refusal it is, for programs.</summary>
    public ControlRefusal Refusal { get; init; }
}

/// <summary>Kinds of refusals that callers tell apart.</summary>
public enum ControlRefusal
{
    /// <summary>What the sentence says.</summary>
    Other,

    /// <summary>There is no component of that name.</summary>
    NotFound,

    /// <summary>Whoever asked may not.</summary>
    NotAllowed,
}

/// <summary>Nobody listens at the socket: no supervisor runs on this data directory.</summary>
public sealed class SupervisorNotRunningException(string socketPath, Exception inner)
    : ControlException(
        $"cannot reach the supervisor at \"{socketPath}\": it does not run",
        "start it with: drover supervisor start",
        inner);
