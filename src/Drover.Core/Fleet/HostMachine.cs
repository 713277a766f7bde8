using System.Globalization;
using Drover.Core.Events;

namespace Drover.Core.Fleet;

/// <summary>
/// Decides what the server believes of a host. Pure and total: every state answers every input. Silence has two
/// deadlines, counted from the last heartbeat and from the promise its answer made; a late or offline host outranks
/// what was last heard of its Docker Engine; the server's own absence is never held against a host.
/// Source of the figures: the project's wire page, "Heartbeat".
/// </summary>
public static class HostMachine
{
    /// <summary>How long after its promised instant a heartbeat is late.</summary>
    public static readonly TimeSpan LateMargin = TimeSpan.FromSeconds(10);

    /// <summary>The least silence that makes a host offline, however short the promise was.</summary>
    public static readonly TimeSpan LeastOffline = TimeSpan.FromSeconds(60);

    /// <summary>Answers one input.</summary>
    public static HostTransition Decide(HostStatus status, HostInput input) => input switch
    {
        _ when status.State is HostState.Revoked => new HostTransition(status, []),
        HostInput.KeyRevoked revoked => Revoke(status, revoked),
        HostInput.Heartbeat heartbeat => Heard(status, heartbeat),
        HostInput.Goodbye goodbye => SaidGoodbye(status, goodbye),
        HostInput.ServerStarted started => new HostTransition(WithGrace(status, started.Now), []),
        HostInput.Tick tick => TimePassed(status, tick.Now),
        _ => throw new ArgumentOutOfRangeException(nameof(input), input, "not an input of a host"),
    };

    /// <summary>Silence of this length makes a host late.</summary>
    public static TimeSpan LateAfter(TimeSpan nextIn) => nextIn + LateMargin;

    /// <summary>Silence of this length makes a host offline.</summary>
    public static TimeSpan OfflineAfter(TimeSpan nextIn) => 2 * nextIn > LeastOffline ? 2 * nextIn : LeastOffline;

    /// <summary>How long after its own start the server calls no silent host late.</summary>
    public static TimeSpan RestartGrace(TimeSpan nextIn) => 2 * nextIn;

    private static HostTransition Heard(HostStatus status, HostInput.Heartbeat heartbeat)
    {
        var (state, reason) = heartbeat.Docker switch
        {
            DockerCondition.Up or DockerCondition.None => (HostState.Live, ""),
            DockerCondition.Down => (HostState.DockerDown, "the Docker Engine cannot be reached"),
            DockerCondition.Hung => (HostState.DockerDown, "the Docker Engine takes connections and does not answer"),
        };
        return To(status, new HostStatus(
            state,
            reason,
            heartbeat.NextIn,
            heartbeat.Now,
            heartbeat.Now + LateAfter(heartbeat.NextIn),
            heartbeat.Now + OfflineAfter(heartbeat.NextIn)));
    }

    private static HostTransition Revoke(HostStatus status, HostInput.KeyRevoked revoked) =>
        To(status, status with
        {
            State = HostState.Revoked,
            Reason = "its key was revoked",
            HeardAt = revoked.Now,
            LateAt = null,
            OfflineAt = null,
        });

    private static HostTransition SaidGoodbye(HostStatus status, HostInput.Goodbye goodbye) =>
        To(status, status with
        {
            State = HostState.Goodbye,
            Reason = "it was stopped on purpose",
            HeardAt = goodbye.Now,
            LateAt = null,
            OfflineAt = null,
        });

    private static HostStatus WithGrace(HostStatus status, TimeSpan now)
    {
        if (status.State is HostState.Offline or HostState.Goodbye)
        {
            return status;
        }

        // Late at the end of the grace; offline no sooner after that than it is in ordinary times.
        var lateAfter = Longest(LateAfter(status.NextIn), RestartGrace(status.NextIn));
        var offlineAfter = lateAfter + OfflineAfter(status.NextIn) - LateAfter(status.NextIn);
        return status with { HeardAt = now, LateAt = now + lateAfter, OfflineAt = now + offlineAfter };
    }

    private static HostTransition TimePassed(HostStatus status, TimeSpan now) => status.State switch
    {
        HostState.Late when now >= status.OfflineAt => To(status, status with
        {
            State = HostState.Offline,
            Reason = Silence(status, now),
            LateAt = null,
            OfflineAt = null,
        }),
        HostState.Live or HostState.DockerDown when now >= status.LateAt => To(status, status with
        {
            State = HostState.Late,
            Reason = Silence(status, now),

            // A look this late says that the server was stalled, and what was sent meanwhile may still be unread.
            OfflineAt = now >= status.OfflineAt ? now + RestartGrace(status.NextIn) : status.OfflineAt,
        }),
        _ => new HostTransition(status, []),
    };

    private static HostTransition To(HostStatus status, HostStatus next) =>
        new(next, next.State == status.State ? [] : [EventOf(next.State)]);

    private static EventType EventOf(HostState state) => state switch
    {
        HostState.Live => EventTypes.HostLive,
        HostState.Late => EventTypes.HostLate,
        HostState.Offline => EventTypes.HostOffline,
        HostState.DockerDown => EventTypes.HostDockerDown,
        HostState.Goodbye => EventTypes.HostGoodbye,
        HostState.Revoked => EventTypes.HostRevoked,
    };

    private static string Silence(HostStatus status, TimeSpan now) => string.Create(
        CultureInfo.InvariantCulture,
        $"no heartbeat for {(now - status.HeardAt.GetValueOrDefault()).TotalSeconds:F0} s, one was due every "
            + $"{status.NextIn.TotalSeconds:F0} s");

    private static TimeSpan Longest(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
