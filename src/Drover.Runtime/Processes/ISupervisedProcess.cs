namespace Drover.Runtime.Processes;

/// <summary>
/// A process that was launched or adopted, with all that it leads to; never another one that has got its number. On a
/// machine it is <see cref="SupervisedProcess"/>; the simulator has its own kernel.
/// </summary>
public interface ISupervisedProcess : IDisposable
{
    /// <summary>To be recorded, and given to <see cref="IProcessLauncher.Adopt"/> later.</summary>
    ProcessIdentity Identity { get; }

    /// <summary>Completes when the process itself has ended; what it started may live on.</summary>
    Task<ProcessExit> Exit { get; }

    /// <summary>
    /// Signals the whole group, also when its leader has ended and others of it live. False, and nothing was sent, when
    /// nobody is in it any more.
    /// </summary>
    bool Signal(ProcessSignal signal);

    /// <summary>Whether the process or anything it started lives.</summary>
    bool AnythingLeft();

    /// <summary>
    /// Kills all of it until it is proven that nothing lives. Answers who could not be ended within the patience.
    /// </summary>
    /// <exception cref="OperationCanceledException">The caller gave up; what was killed is killed.</exception>
    Task<IReadOnlyList<Survivor>> KillEverythingAsync(TimeSpan patience, CancellationToken cancellationToken);
}
