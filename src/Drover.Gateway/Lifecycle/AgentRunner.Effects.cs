using Drover.Core.Agents;
using Drover.Gateway.Swarm;
using Drover.Runtime.Scheduling;

namespace Drover.Gateway.Lifecycle;

/// <summary>Carrying out what was decided. Each result goes back into the queue, always.</summary>
internal sealed partial class AgentRunner
{
    // RFC 6455, section 7.4.1.
    private const int GoingAway = 1001;

    // An order whose answer does not come is one that the platform did not answer.
    private static readonly TimeSpan OrderLimit = TimeSpan.FromSeconds(15);

    // How long clients have to answer a close frame before the agent goes.
    private static readonly TimeSpan CloseGrace = TimeSpan.FromSeconds(2);

    private Task _drained = Task.CompletedTask;

    private void CarryOut(AgentEffect effect)
    {
        switch (effect)
        {
            case AgentEffect.Order order:
                _ = OrderAsync(order);
                break;
            case AgentEffect.Admit admit:
                _ = AdmitAsync(admit.Number);
                break;
            case AgentEffect.Probe probe:
                _ = ProbeAsync(probe);
                break;
            case AgentEffect.RaiseFence fence:
                RaiseFence(fence.Number);
                break;
            case AgentEffect.CloseSockets close:
                _ = CloseSocketsAsync(close.Number);
                break;
            case AgentEffect.AnswerSleep answer:
                AnswerSleepers(answer.Refusal);
                break;
            case AgentEffect.Emit emit:
                _platform.Events.Publish(
                    emit.Type,
                    _seat.Name,
                    severity: null,
                    [.. emit.Details.Select(detail => (detail.Name, (object?)detail.Value))]);
                break;
            case AgentEffect.LiftFence:
                // Done before the view was shown.
                break;
            default:
                throw new InvalidOperationException($"no way to carry out {effect}");
        }
    }

    private async Task OrderAsync(AgentEffect.Order order)
    {
        using var deadline = new Deadline(_time, OrderLimit, _ending.Token);
        ScaleOutcome outcome;
        try
        {
            outcome = await CallAsync(order, deadline.Token);
        }
        catch (OperationCanceledException)
        {
            outcome = new ScaleOutcome.Unreachable("the Docker Engine did not answer in time");
        }
        catch (Exception error)
        {
            OrderBroke(_seat.Name, error);
            outcome = new ScaleOutcome.Unreachable("the Docker Engine could not be asked");
        }

        Queue(outcome switch
        {
            ScaleOutcome.Refused refused =>
                new AgentInput.Ordered(default, order.Number, OrderOutcome.Refused, refused.Reason),
            ScaleOutcome.Unreachable unreachable =>
                new AgentInput.Ordered(default, order.Number, OrderOutcome.Unreachable, unreachable.Reason),
            _ => new AgentInput.Ordered(default, order.Number, OrderOutcome.Done, ""),
        });
    }

    private Task<ScaleOutcome> CallAsync(AgentEffect.Order order, CancellationToken cancellationToken) => order switch
    {
        AgentEffect.Scale scale =>
            _platform.Scaler.ScaleAsync(ServiceOf(_seat.Document), scale.Replicas, cancellationToken),
        AgentEffect.Pause pause => _platform.Scaler.PauseAsync(pause.ContainerId, cancellationToken),
        AgentEffect.Unpause unpause => _platform.Scaler.UnpauseAsync(unpause.ContainerId, cancellationToken),
        _ => throw new InvalidOperationException($"no way to order {order}"),
    };

    private async Task AdmitAsync(long number)
    {
        string? refusal;
        try
        {
            refusal = await _platform.AdmitAsync(_seat, _ending.Token);
        }
        catch (OperationCanceledException)
        {
            refusal = "the gateway ends";
        }

        Queue(refusal is null
            ? new AgentInput.Admitted(default, number)
            : new AgentInput.Denied(default, number, refusal));
    }

    private async Task ProbeAsync(AgentEffect.Probe probe)
    {
        ProbeAnswer answer;
        try
        {
            answer = await _platform.Prober.AskAsync(probe.Task, _seat.Document, probe.IsEager, _ending.Token);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        Queue(new AgentInput.Probed(default, probe.Number, answer.IsGood, answer.Message));
    }

    private void RaiseFence(long number)
    {
        _drained = _seat.Activity.RaiseFenceAsync();
        var isDrained = _drained.IsCompleted;
        Queue(new AgentInput.Fenced(default, number, isDrained));
        if (!isDrained)
        {
            _ = TellDrainedAsync(_drained, number);
        }
    }

    private async Task TellDrainedAsync(Task drained, long number)
    {
        await drained;
        Queue(new AgentInput.Drained(default, number));
    }

    private async Task CloseSocketsAsync(long number)
    {
        using var grace = new Deadline(_time, CloseGrace, _ending.Token);
        await _seat.Sockets.CloseAllAsync(GoingAway, "the agent goes to sleep", grace.Token);
        await _drained.WaitAsync(grace.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Queue(new AgentInput.SocketsClosed(default, number));
    }
}
