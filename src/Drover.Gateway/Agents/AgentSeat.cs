using Drover.Core.Agents;
using Drover.Gateway.Activity;
using Drover.Gateway.ColdStart;
using Drover.Gateway.Documents;
using Drover.Gateway.Forwarding;
using Drover.Gateway.Lifecycle;
using Drover.Gateway.Metrics;
using Drover.Runtime.Events;

namespace Drover.Gateway.Agents;

/// <summary>
/// One agent of this gateway: who it is, what the user says of it, what is known of it and how it is used, each of
/// which changes at its own time. It outlives reloads, wakes and sleeps. Requests find it by a route and read; writing
/// is for the one who owns the agent's life, and for a reload.
/// </summary>
internal sealed class AgentSeat
{
    private readonly Pulse _changes = new();
    private Written _written;
    private AgentView _view = new(AgentState.Sleeping);

    public AgentSeat(AgentDocument document, TimeProvider time)
    {
        _written = Written.Of(document);
        Activity = new AgentActivity(time, _changes);
        WaitingRoom = new WaitingRoom(time);
        Meter = new AgentMeter(time);
    }

    /// <summary>Its name in events, metrics and verbs.</summary>
    public string Name => Document.Name;

    /// <summary>What the user says of it now.</summary>
    public AgentDocument Document
    {
        get => Volatile.Read(ref _written).Document;
        set => Volatile.Write(ref _written, Written.Of(value));
    }

    /// <summary>How requests are forwarded to it, as <see cref="Document"/> has it.</summary>
    public ForwardingSpec Forwarding => Volatile.Read(ref _written).Forwarding;

    /// <summary>What clients get while it does not serve; null: the gateway does not manage it.</summary>
    public ColdStartSpec? ColdStart => Volatile.Read(ref _written).ColdStart;

    /// <summary>What is known of it now.</summary>
    public AgentView View
    {
        get => Volatile.Read(ref _view);
        set
        {
            var before = Interlocked.Exchange(ref _view, value);
            Meter.Moved(before.State, value.State);
            _changes.Beat();
        }
    }

    /// <summary>
    /// Completes when the view next changes, the fence is lifted or an order to wake was looked at; take it before you
    /// read the view.
    /// </summary>
    public Task NextView => _changes.Next;

    /// <summary>Its life; null: the gateway does not manage it.</summary>
    public IAgentLife? Life { get; set; }

    /// <summary>How it is used.</summary>
    public AgentActivity Activity { get; }

    /// <summary>Those who want it while it does not serve.</summary>
    public WaitingRoom WaitingRoom { get; }

    /// <summary>What is counted of it.</summary>
    public AgentMeter Meter { get; }

    /// <summary>The WebSockets that are open to it.</summary>
    public OpenSockets Sockets { get; } = new();

    /// <summary>An order to wake was looked at, whether the view changed or not: who waits looks again.</summary>
    public void BeLookedAt() => _changes.Beat();

    /// <inheritdoc/>
    public override string ToString() => Name;

    private sealed record Written(AgentDocument Document, ForwardingSpec Forwarding, ColdStartSpec? ColdStart)
    {
        public static Written Of(AgentDocument document) =>
            new(document, ForwardingSpec.Of(document), ColdStartSpec.Of(document));
    }
}
