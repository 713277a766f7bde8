namespace Drover.Supervisor.Control;

/// <summary>One answer: one JSON object on one line, with one of its parts.</summary>
public sealed record ControlReply
{
    /// <summary>Why it was refused; null when it was not.</summary>
    public ControlFault? Fault { get; init; }

    /// <summary>To <see cref="ControlVerb.Status"/> and, again and again, <see cref="ControlVerb.Watch"/>.</summary>
    public SupervisorStatus? Status { get; init; }

    /// <summary>To <see cref="ControlVerb.History"/>, newest first.</summary>
    public IReadOnlyList<HistoryEntry>? History { get; init; }

    /// <summary>To start, stop, restart and shutdown.</summary>
    public OrderOutcome? Order { get; init; }

    /// <summary>To <see cref="ControlVerb.Reload"/>.</summary>
    public ReloadOutcome? Reload { get; init; }
}

/// <summary>A refusal for people.</summary>
/// <param name="Message">A sentence of the form <c>cannot X: why</c>.</param>
/// <param name="Hint">What to do; null where nothing helps.</param>
/// <param name="Refusal">Which kind it is, for programs.</param>
public sealed record ControlFault(
    string Message, string? Hint = null, ControlRefusal Refusal = ControlRefusal.Other);

/// <summary>What came of an order.</summary>
/// <param name="Done">True when all it was about has been done; false when the time to wait was over before, or when
/// something that a kill did not end holds it up. After an order to end everything: the supervisor has ended, and what
/// is still <c>stopping</c> lives on.</param>
/// <param name="Components">The components it was about, as they are now.</param>
public sealed record OrderOutcome(bool Done, IReadOnlyList<ComponentStatus> Components);

/// <summary>What a reload took up. Names of components.</summary>
public sealed record ReloadOutcome
{
    /// <summary>New in the file; they are being started.</summary>
    public required IReadOnlyList<string> Added { get; init; }

    /// <summary>Gone from the file; they are being stopped.</summary>
    public required IReadOnlyList<string> Removed { get; init; }

    /// <summary>
    /// Their policy, probes, needs, log or name for people changed; that counts from now on and restarts nothing.
    /// </summary>
    public required IReadOnlyList<string> Changed { get; init; }

    /// <summary>Their launch changed; the running instance keeps the old one until it is restarted.</summary>
    public required IReadOnlyList<string> RestartPending { get; init; }
}
