using Drover.Runtime.Auth;
using Drover.Runtime.Configuration;
using Drover.Supervisor.Components;
using Drover.Supervisor.Control;
using Microsoft.Extensions.Logging;

namespace Drover.Supervisor.Daemon;

/// <summary>What the daemon answers to what is asked over its socket.</summary>
internal sealed partial class SupervisorDaemon
{
    private const int MostHistory = 1000;
    private const int UsualHistory = 50;

    private SupervisorStatus Status() => new()
    {
        Version = _options.Version,
        Pid = Environment.ProcessId,
        SharesProcess = _options.SharesProcess ? true : null,
        StartedAt = _run.Run.StartedAt,
        PreviousEnd = _run.Previous switch
        {
            State.PreviousEnd.First => "first",
            State.PreviousEnd.Clean => "clean",
            State.PreviousEnd.Crash => "crash",
            State.PreviousEnd.Reboot => "reboot",
        },
        Configuration = _options.Configuration,
        Stopping = _stopping is not null,
        Server = LinkStatus,
        Warnings = Warnings(),
        Components = [.. _components.Seats.Select(StatusOf)],
    };

    /// <summary>What is wrong with the supervisor's own work, and goes on being so.</summary>
    private List<string> Warnings()
    {
        var warnings = _notices.Sentences.ToList();
        var unwritten = _components.Seats
            .Select(seat => (seat.Name, Why: seat.Runner.StateTrouble))
            .Where(one => one.Why is not null)
            .GroupBy(one => one.Why, one => one.Name);
        foreach (var group in unwritten)
        {
            warnings.Add(
                $"cannot write down what is known of {StandingNotices.Listed(group)}: {group.Key}. They are kept alive "
                    + "as ever, but a supervisor that was killed now would not know of their last changes");
        }

        if (_history.Trouble is { } why)
        {
            warnings.Add($"cannot write the history of restarts: {why}. Its newest entries wait in memory");
        }

        return warnings;
    }

    private ComponentStatus StatusOf(ComponentSeat seat) =>
        StatusBuilder.Of(seat.Document, seat.View, seat.Runner.TargetOf, _clock) with
        {
            WaitsFor = _components.WaitsFor(seat),
            RestartPending = seat.Runner.IsRestartPending,
        };

    private async Task<ControlReply> AnswerAsync(
        ControlRequest request, PeerCredentials peer, CancellationToken cancellationToken)
    {
        if (request.Component is { } name && _components.Find(name) is null)
        {
            throw Unknown(name);
        }

        switch (request.Verb)
        {
            case ControlVerb.Status:
                return new ControlReply { Status = Status() };
            case ControlVerb.History:
                await _events.FlushAsync(cancellationToken);
                var limit = Math.Clamp(request.Limit ?? UsualHistory, 1, MostHistory);
                return new ControlReply { History = _history.Newest(request.Component, limit) };
            case ControlVerb.Reload:
                LogOrder(_logger, request.Verb, "", PeerCredentials.NameOf(peer.UserId));
                return new ControlReply { Reload = await ReloadAsync(cancellationToken) };
            case ControlVerb.Start or ControlVerb.Stop or ControlVerb.Restart or ControlVerb.Shutdown:
                LogOrder(_logger, request.Verb, request.Component ?? "all", PeerCredentials.NameOf(peer.UserId));
                return new ControlReply { Order = await CarryOutAsync(request, cancellationToken) };
            default:
                throw new ControlException($"cannot answer \"{request.Verb}\": it is no question of this kind");
        }
    }

    private async Task<OrderOutcome> CarryOutAsync(ControlRequest request, CancellationToken cancellationToken)
    {
        if (request.Verb is not ControlVerb.Shutdown)
        {
            RefuseWhileStopping();
        }

        using var limit = new CancellationTokenSource(
            request.WaitSeconds is { } seconds && seconds < TimeSpan.FromDays(1).TotalSeconds
                ? TimeSpan.FromSeconds(Math.Max(0.001, seconds))
                : Timeout.InfiniteTimeSpan,
            _clock.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);

        // An order stands whether or not its caller waits: only the waiting is cancelled.
        var work = request.Verb switch
        {
            ControlVerb.Start => _components.StartAsync(request.Component, _ending.Token),
            ControlVerb.Stop => _components.StopAsync(request.Component, _ending.Token),
            ControlVerb.Restart => _components.RestartAsync(request.Component, _ending.Token),
            _ => StopAsync(CancellationToken.None),
        };
        var isDone = true;
        try
        {
            await work.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            isDone = false;
        }

        var seats = _components.Seats
            .Where(seat => request.Component is null || seat.Name == request.Component)
            .ToList();

        // The end of everything has come, whatever lives on; it is among what is answered.
        isDone &= request.Verb is ControlVerb.Shutdown || !seats.Exists(seat => seat.View.IsStuck);
        return new OrderOutcome(isDone, [.. seats.Select(StatusOf)]);
    }

    private void RefuseWhileStopping()
    {
        if (_stopping is not null)
        {
            throw new ControlException("cannot take orders: the supervisor is stopping");
        }
    }

    private ControlException Unknown(string name)
    {
        var names = _components.Seats.Select(seat => seat.Name).ToList();
        var nearest = NearestName.Of(name, names);
        return new ControlException(
            $"cannot find component \"{name}\": there is none of that name",
            nearest is not null ? $"did you mean \"{nearest}\"?"
                : names.Count == 0 ? "it has no components"
                : $"the components are {string.Join(", ", names)}")
        { Refusal = ControlRefusal.NotFound };
    }

    [LoggerMessage(4403, LogLevel.Information, "{Verb} {Component}, ordered by {User}")]
    private static partial void LogOrder(ILogger logger, ControlVerb verb, string component, string user);

    private sealed class ControlHandler(SupervisorDaemon daemon) : IControlHandler
    {
        public Task NextChange => Task.WhenAny(daemon._components.NextChange, daemon._notices.NextChange);

        public SupervisorStatus Status() => daemon.Status();

        public Task<ControlReply> AnswerAsync(
            ControlRequest request, PeerCredentials peer, CancellationToken cancellationToken) =>
            daemon.AnswerAsync(request, peer, cancellationToken);
    }
}
