using Drover.Runtime.Uplink;
using Drover.Supervisor.Components;
using Drover.Supervisor.Control;
using Drover.Supervisor.Logs;
using Drover.Wire.Agents;

namespace Drover.Supervisor.Daemon;

/// <summary>What the server hears of a supervisor that has one. Without one nothing of this is made.</summary>
internal sealed partial class SupervisorDaemon
{
    private ServerLinkStatus? LinkStatus => _uplink is null
        ? null
        : new ServerLinkStatus(
            _uplink.Server?.GetLeftPart(UriPartial.Authority), _uplink.Failure, _uplink.Waiting);

    private static UplinkSpec SpecOf(SupervisorServerOptions server, SupervisorPaths paths, string version) => new()
    {
        Purpose = "forward the supervisor's events",
        Kind = AgentKinds.Supervisor,
        Directory = paths.Uplink,
        CredentialsFile = server.CredentialsPath ?? paths.Credentials,
        Server = server.Address,
        ServerKey = "supervisor.server",
        Pin = server.Pin,
        Token = server.Token,
        Name = server.Name ?? $"{Environment.MachineName}-supervisor",
        Version = version,
        EventSpoolBytes = server.EventSpoolBytes,
    };

    private void Forward(ComponentEvent happened) =>
        Tell(SupervisorEvents.Of(happened), happened.Mark, happened.Settled);

    private void ForwardLoss(long dropped) =>
        Tell(ReportedEvents.Loss("events", dropped, _clock.Time.GetUtcNow()), mark: null, settled: null);

    /// <summary>Settled when it is kept for the server and for webhooks alike.</summary>
    private void Tell(AgentEventDto one, EventMark? mark, Action? settled)
    {
        if (_uplink is null)
        {
            _webhooks.Tell(one, mark, settled);
            return;
        }

        var left = 2;
        Action? each = settled is null ? null : () =>
        {
            if (Interlocked.Decrement(ref left) == 0)
            {
                settled();
            }
        };
        _uplink.Tell(one, mark, each);
        _webhooks.Tell(one, mark, each);
    }

    private void Told(LogNotice notice)
    {
        _notices.Take(notice);
        Tell(SupervisorEvents.Of(notice, _clock.Time.GetUtcNow()), mark: null, settled: null);
    }
}
