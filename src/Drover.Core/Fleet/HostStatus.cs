namespace Drover.Core.Fleet;

/// <summary>
/// The state of one host with the deadlines that go with it. Instants are spans on the server's monotonic clock, so
/// that a jump of the wall clock moves no deadline.
/// </summary>
/// <param name="State">The state.</param>
/// <param name="Reason">Why, as a sentence for people without a full stop; empty when the host is live.</param>
/// <param name="NextIn">The promise the last answer made: the next heartbeat is due after this long.</param>
/// <param name="HeardAt">
/// When the host was last heard, or when the server's grace for it began; null before that.
/// </param>
/// <param name="LateAt">When silence makes the host late.</param>
/// <param name="OfflineAt">When silence makes the host offline.</param>
public sealed record HostStatus(
    HostState State,
    string Reason,
    TimeSpan NextIn,
    TimeSpan? HeardAt,
    TimeSpan? LateAt,
    TimeSpan? OfflineAt)
{
    /// <summary>When to feed the next <see cref="HostInput.Tick"/>; null while silence changes nothing.</summary>
    public TimeSpan? LookAgainAt => State switch
    {
        HostState.Live or HostState.DockerDown => LateAt,
        HostState.Late => OfflineAt,
        HostState.Offline or HostState.Goodbye or HostState.Revoked => null,
    };

    /// <summary>
    /// A host that has just enrolled. It is offline until its first heartbeat, without an event and without a deadline:
    /// an agent that only enrolls and exits raises no alarm.
    /// </summary>
    public static HostStatus Enrolled(TimeSpan nextIn) =>
        new(HostState.Offline, "enrolled, not heard from yet", nextIn, null, null, null);

    /// <summary>
    /// A host as a former run of the server stored it. Feed <see cref="HostInput.ServerStarted"/> next.
    /// </summary>
    public static HostStatus Stored(HostState state, string reason, TimeSpan nextIn) =>
        new(state, reason, nextIn, null, null, null);
}
