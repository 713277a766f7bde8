using Drover.Core.Components;
using Drover.Supervisor.State;

namespace Drover.Supervisor.Components;

/// <summary>
/// Brings the instances of one component into being and to an end: a kind of component is one implementation of this.
/// Calls come from the runner, one at a time, and return at once; what comes of them is reported. It never has two
/// instances alive.
/// </summary>
internal interface IInstanceDriver : IAsyncDisposable
{
    /// <summary>
    /// Launches the instance. Reported as launched or as failed, exactly once; a launched one is later reported as
    /// exited, exactly once, when it and all it left behind are gone.
    /// </summary>
    void Launch(long instance);

    /// <summary>
    /// Gives up a launch that is on its way. It is reported as failed, or, where it was too late, as launched. Nothing
    /// happens when none is on its way.
    /// </summary>
    void CancelLaunch(long instance);

    /// <summary>Asks the instance to end. Nothing happens when it is not the one that runs.</summary>
    void Signal(long instance, string signal);

    /// <summary>Ends the instance with all it left behind. What survives even that is reported.</summary>
    void Kill(long instance);

    /// <summary>
    /// Looks, before anything is launched, for the instance that the supervisor before this one knew, and ends what is
    /// left of any other. Returns within seconds, also where that cannot be ended.
    /// </summary>
    /// <param name="instance">The present instance by the record; 0 when there is none.</param>
    /// <param name="record">What was recorded of it; null when its launch was never reported.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<Recovery> RecoverAsync(long instance, InstanceRecord? record, CancellationToken cancellationToken);
}

/// <summary>What a driver found of a recorded instance.</summary>
internal abstract record Recovery
{
    /// <summary>It runs, proven by its identity; it is watched from now on.</summary>
    /// <param name="Record">How it is found the next time.</param>
    /// <param name="StartedAt">When it began to run, where that can be told.</param>
    internal sealed record Alive(InstanceRecord Record, TimeSpan? StartedAt) : Recovery;

    /// <summary>
    /// Its own process has ended, and what that started could not be ended so far: that goes on, and its exit is
    /// reported when nothing of it is left.
    /// </summary>
    /// <param name="Cause">How it ended, where that can be told.</param>
    internal sealed record Ending(EndCause? Cause) : Recovery
    {
        /// <summary>As <see cref="Gone.LastSeen"/>; where it is higher than the recorded one, it is the one that is
        /// reported.</summary>
        internal long LastSeen { get; init; }
    }

    /// <summary>It does not run, and nothing of it does.</summary>
    /// <param name="Cause">How it ended, where that can be told.</param>
    internal sealed record Gone(EndCause? Cause) : Recovery
    {
        /// <summary>
        /// The highest number of an instance that lived although no record named it, and was ended; 0 for none.
        /// </summary>
        internal long LastSeen { get; init; }
    }
}

/// <summary>Where a driver reports. Never blocks and never throws; safe from any thread.</summary>
internal interface IInstanceReports
{
    /// <summary>The instance runs.</summary>
    void Launched(long instance, InstanceRecord record);

    /// <summary>There is no such instance.</summary>
    void LaunchFailed(long instance, EndCause cause);

    /// <summary>
    /// The instance's own process ended, and what it started did not; that is being ended. Reported at most once, and
    /// before its exit.
    /// </summary>
    void Ending(long instance, EndCause cause);

    /// <summary>The instance ended, and nothing of it is left.</summary>
    void Exited(long instance, EndCause cause);

    /// <summary>The instance was killed and these live on.</summary>
    void Survived(long instance, string survivors);

    /// <summary>
    /// Whoever runs the instance does not answer, so that nothing is known of it for now, or answers again.
    /// </summary>
    /// <param name="instance">Which.</param>
    /// <param name="why">A sentence; null when it can be seen again.</param>
    void Unseen(long instance, string? why);

    /// <summary>Something is wrong with the instance that does not end it, as a sentence for people.</summary>
    void Objected(long instance, string sentence);
}
