using Drover.Core.Agents;
using Drover.Gateway.Activity;
using Drover.Gateway.Agents;
using Drover.Gateway.Forwarding;
using Drover.Gateway.Routing;
using Drover.Runtime.Events;
using Microsoft.AspNetCore.Http;

namespace Drover.Gateway.ColdStart;

/// <summary>
/// One request on its way to an agent that does not serve yet. Of its body nothing is read before it is forwarded.
/// </summary>
internal sealed class ColdRequest(
    HttpContext context,
    Route route,
    ColdStartSpec spec,
    WorkKind kind,
    AgentForwarder forwarder,
    Routes routes,
    TimeProvider time)
{
    // How long the answer to an order to wake may be waited for: it knows the estimate, and whether the wake may be.
    private static readonly TimeSpan FirstWord = TimeSpan.FromMilliseconds(100);

    // A frozen agent is back sooner than a client could ask again.
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestSoon = TimeSpan.FromMilliseconds(500);

    // An agent that falls asleep again under a request that waits for it is woken again, but not for ever.
    private const int MostAsks = 2;

    private readonly AgentSeat _seat = route.Agent;
    private readonly long _began = time.GetTimestamp();
    private int _asks;
    private bool _isThaw;
    private bool _isUnheard;
    private bool _isHeld;

    /// <summary>
    /// Wakes the agent where that is for requests to do, waits as long as the client does, and forwards.
    /// </summary>
    /// <returns>Null when the agent answered; else what is to be said in its place.</returns>
    public async Task<AgentStatus?> ReachAsync(ColdClient client, CancellationToken ending)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, ending);
        _isHeld = client.Wait > TimeSpan.Zero && _seat.Activity.TryWait(spec.Hold.Requests);
        var limit = _isHeld ? client.Wait : TimeSpan.Zero;
        if (_isHeld && client.Applied is not null)
        {
            context.Response.Headers[Preference.AppliedHeader] = client.Applied;
        }

        try
        {
            return await ReachAsync(limit, enough.Token);
        }
        finally
        {
            EndHold();
        }
    }

    private async Task<AgentStatus?> ReachAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        while (true)
        {
            var next = _seat.NextView;
            var view = _seat.View;
            if (await IsServedAsync(view))
            {
                return null;
            }

            if (ShouldAsk(view) && _seat.Life is { } life)
            {
                _seat.WaitingRoom.Ask(life, view, next);
                _asks++;
                _isUnheard = true;
                _isThaw = view.IsDozing;
            }
            else if (_asks > 0 && StatusOf(view) is { HasFailed: true } failure)
            {
                return failure;
            }

            var left = LimitOf(limit, view) - time.GetElapsedTime(_began);
            if (left <= TimeSpan.Zero || !await IsChangedAsync(next, left, cancellationToken))
            {
                return StatusOf(view);
            }

            _isUnheard = false;
        }
    }

    private async Task<bool> IsServedAsync(AgentView view)
    {
        if (view.Backend is null || _seat.Activity.IsFenced)
        {
            return false;
        }

        // From here on it is work, and no request that waits.
        var wasHeld = _isHeld;
        EndHold();
        if (await forwarder.TryForwardAsync(context, RouteNow(), kind))
        {
            return true;
        }

        // A sleep or the end of its task came between: it waits on, in the place it had.
        _isHeld = wasHeld && _seat.Activity.TryWait(int.MaxValue);
        return false;
    }

    /// <summary>Names that an agent registered are out of the table while it sleeps, and in it again by now.</summary>
    private Route RouteNow() =>
        routes.Table.Find(RequestHost.NameOf(context.Request.Headers.Host)) is { } now && now.Agent == _seat
            ? now
            : route;

    /// <summary>At the first look at an agent nobody wakes; later where it sleeps again and may be woken.</summary>
    private bool ShouldAsk(AgentView view) =>
        spec.WakesOnRequest
        && view.State is not AgentState.Starting
        && !(view.RestsUntil > time.GetUtcNow())
        && (_asks == 0
            || (_asks < MostAsks
                && view is { State: AgentState.Sleeping, ReasonCode: not AgentReasons.Capacity }));

    private TimeSpan LimitOf(TimeSpan held, AgentView view) =>
        held > TimeSpan.Zero ? held
        : _isThaw || IsSoon(view) ? LongestSoon
        : _isUnheard ? FirstWord
        : TimeSpan.Zero;

    private bool IsSoon(AgentView view) =>
        view is { State: AgentState.Starting, ReadyBy: { } by }
        && by - time.GetUtcNow() is var left
        && left > TimeSpan.Zero
        && left < Soon;

    /// <summary>False when the time is over or the gateway ends.</summary>
    private async Task<bool> IsChangedAsync(Task next, TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            return await next.WithinAsync(limit, time, cancellationToken);
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Whoever is told this does not get the agent: to them it is not ready, whatever else it is.</summary>
    private AgentStatus StatusOf(AgentView view) =>
        _isUnheard || (spec.WakesOnRequest && view.State is AgentState.Ready)
            ? AgentStatus.Starting(_seat.Name)
            : AgentStatus.NotServing(_seat.Name, view, time.GetUtcNow());

    private void EndHold()
    {
        if (_isHeld)
        {
            _isHeld = false;
            _seat.Activity.EndWait();
        }
    }
}
