using Drover.Core.Components;
using Drover.Runtime.Auth;
using Drover.Runtime.Events;
using Drover.Supervisor.Control;

namespace Drover.Supervisor.Tests.Control;

/// <summary>A supervisor of one component, whose state a test sets.</summary>
internal sealed class FakeHandler : IControlHandler
{
    private readonly Pulse _pulse = new();
    private int _told;
    private ComponentState _state = ComponentState.Running;

    internal List<ControlRequest> Asked { get; } = [];

    /// <summary>Completed when an order's caller hung up before its answer.</summary>
    internal TaskCompletionSource HungUp { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Lets an order to shut down be answered.</summary>
    internal TaskCompletionSource HasEnded { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>How often its status was told.</summary>
    internal int Told => Volatile.Read(ref _told);

    public Task NextChange => _pulse.Next;

    public SupervisorStatus Status()
    {
        Interlocked.Increment(ref _told);
        return Now();
    }

    private SupervisorStatus Now() => new()
    {
        Version = "1.2.3",
        Pid = 42,
        Components =
        [
            new ComponentStatus
            {
                Name = "api",
                DisplayName = "Api",
                Kind = ComponentKind.Process,
                State = _state,
                Health = ComponentHealth.Healthy,
            },
        ],
    };

    internal void Become(ComponentState state)
    {
        _state = state;
        _pulse.Beat();
    }

    public async Task<ControlReply> AnswerAsync(
        ControlRequest request, PeerCredentials peer, CancellationToken cancellationToken)
    {
        Asked.Add(request);
        switch (request.Verb)
        {
            case ControlVerb.Status:
                return new ControlReply { Status = Status() };
            case ControlVerb.Stop:
                using (cancellationToken.Register(HungUp.SetResult))
                {
                    await Task.Delay(Timeout.Infinite, cancellationToken);
                }

                return new ControlReply();
            case ControlVerb.Shutdown:
                await HasEnded.Task.WaitAsync(cancellationToken);
                return new ControlReply { Order = new OrderOutcome(true, []) };
            default:
                throw new ControlException($"cannot do that: there is no component \"{request.Component}\"", "ask");
        }
    }
}
