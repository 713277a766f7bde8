using Drover.Core.Fleet;
using Drover.Server.Features.Hosts;
using Drover.Server.Hosting;

namespace Drover.Server.Features.Legacy;

/// <summary>
/// An agent of the older protocol sends no heartbeat: every word it signs is one. What the next word may take depends
/// on what it was answered: a poll is silent as long as it hangs, and an agent with a command is silent until it has
/// done it, for it does one thing at a time. Such an agent says nothing of its Docker Engine; it counts as up.
/// </summary>
internal sealed class LegacySighting(HostChangeStore changes, ServerOptions options, TimeProvider time)
{
    private const long MillisecondsInSecond = 1000;

    /// <summary>Takes a signed request for a sign of life; the next is due after the heartbeat's interval.</summary>
    /// <param name="host">Whose.</param>
    /// <param name="stamp">Its clock, Unix seconds.</param>
    public Task HearAsync(EnrolledHost host, long stamp) =>
        HearAsync(host, options.HeartbeatInterval, stamp - time.GetUtcNow().ToUnixTimeSeconds());

    /// <summary>The same, where the answer makes the agent silent for this long.</summary>
    public Task ExpectAsync(EnrolledHost host, TimeSpan silence) => HearAsync(host, silence, skewSeconds: null);

    private Task HearAsync(EnrolledHost host, TimeSpan silence, long? skewSeconds)
    {
        var promise = silence > options.HeartbeatInterval ? silence : options.HeartbeatInterval;
        HostSighting before;
        HostSighting after;
        HostTransition transition;
        lock (host.Gate)
        {
            before = host.Sighting;
            transition = HostMachine.Decide(
                before.Status, new HostInput.Heartbeat(time.Monotonic(), DockerCondition.Up, promise));
            var now = time.GetUtcNow();
            after = before with
            {
                Status = transition.Next,
                Since = transition.Events.Count > 0 ? now : before.Since,
                LastSeenAt = now,
                ClockSkewMs = skewSeconds is { } skew ? skew * MillisecondsInSecond : before.ClockSkewMs,
            };
            host.Sighting = after;
        }

        return transition.Events.Count == 0
            ? Task.CompletedTask
            : changes.StoreAsync(
                new HostChange(
                    host,
                    [
                        .. transition.Events.Select(
                            type => ReceiveHeartbeat.StateChange(host, type, before, after, docker: null)),
                    ]));
    }
}
