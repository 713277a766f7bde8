namespace Drover.Runtime.Processes;

/// <summary>Starts processes, and finds those again that an earlier run of the supervisor started.</summary>
public interface IProcessLauncher
{
    /// <summary>Starts a program; whatever it does after comes by <see cref="ISupervisedProcess.Exit"/>.</summary>
    LaunchOutcome Launch(LaunchSpec spec);

    /// <summary>Finds a process that an earlier run started on this boot. Nothing is signalled.</summary>
    /// <param name="identity">As it was recorded.</param>
    /// <param name="controlGroup">As it was launched with.</param>
    /// <param name="marker">As it was launched with.</param>
    AdoptOutcome Adopt(ProcessIdentity identity, string? controlGroup = null, string? marker = null);

    /// <summary>
    /// The markers that begin with a text, of all living processes that carry one and that this user may look into;
    /// each marker once. For what an earlier run launched and could not write down.
    /// </summary>
    IReadOnlyList<string> Markers(string prefix);

    /// <summary>
    /// Ends what an instance left behind that has itself ended, or of which it is not known how far its launch came.
    /// </summary>
    /// <param name="identity">Its leader; null when that was never recorded.</param>
    /// <param name="marker">As it was launched with.</param>
    /// <param name="controlGroup">As it was launched with.</param>
    /// <param name="patience">For how long.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Who could not be ended.</returns>
    Task<IReadOnlyList<Survivor>> KillRemainsAsync(
        ProcessIdentity? identity,
        string? marker,
        string? controlGroup,
        TimeSpan patience,
        CancellationToken cancellationToken);
}
