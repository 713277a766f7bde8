using Drover.Core.Agents;
using Drover.Gateway.Agents;
using Drover.Gateway.Forwarding;
using Drover.Gateway.Lifecycle;

namespace Drover.Gateway.Tests.Rig;

/// <summary>An agent's life that a test plays: it counts what it is asked and shows what the test says.</summary>
internal sealed class StagedLife(AgentSeat seat, TimeProvider time) : IAgentLife
{
    private int _wakes;

    /// <summary>How often it was asked to wake.</summary>
    public int Wakes => Volatile.Read(ref _wakes);

    /// <summary>What it does when it is asked; nothing by itself.</summary>
    public Action? OnWake { get; set; }

    /// <summary>What it does when nobody is at its address.</summary>
    public Action? OnConnectFailed { get; set; }

    public void ConnectFailed(Backend backend) => OnConnectFailed?.Invoke();

    public void Wake(WakeCause cause)
    {
        Interlocked.Increment(ref _wakes);
        OnWake?.Invoke();
    }

    public Task<SleepOutcome> SleepAsync(SleepCause cause, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public void Sleep(string? code = null, string? reason = null) => Show(new AgentView(AgentState.Sleeping)
    {
        Since = time.GetUtcNow(),
        ReasonCode = code,
        Reason = reason,
    });

    /// <summary>A wake is under way, which its history says takes so long.</summary>
    public void Start(TimeSpan? estimate = null) => Show(new AgentView(AgentState.Starting)
    {
        Since = time.GetUtcNow(),
        ReadyBy = estimate is { } wait ? time.GetUtcNow() + wait : null,
    });

    public void Serve(Uri origin) => Show(new AgentView(AgentState.Ready)
    {
        Since = time.GetUtcNow(),
        Backend = new Backend(origin, TimeSpan.FromSeconds(5)),
    });

    public void Fail(string reason, TimeSpan rest = default) => Show(new AgentView(AgentState.Degraded)
    {
        Since = time.GetUtcNow(),
        ReasonCode = AgentReasons.NoNode,
        Reason = reason,
        RestsUntil = time.GetUtcNow() + rest,
    });

    public void Show(AgentView view)
    {
        var before = seat.View.Backend;
        seat.View = view;
        if (!ReferenceEquals(before, view.Backend))
        {
            before?.Dispose();
        }
    }
}
