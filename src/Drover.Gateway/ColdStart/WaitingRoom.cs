using Drover.Core.Agents;
using Drover.Gateway.Agents;
using Drover.Gateway.Lifecycle;

namespace Drover.Gateway.ColdStart;

/// <summary>
/// Those who want one agent while it does not serve: of a thousand that come at once one asks for the wake. Also the
/// readers of its status, which are counted, and its answers to quiet requests. Thread-safe.
/// </summary>
internal sealed class WaitingRoom(TimeProvider time)
{
    private const int MostReaders = 1000;

    // An order to wake is looked at within milliseconds. One that is not is given again: whatever became of it, an
    // agent that is wanted must not sleep on.
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromSeconds(1);

    private Asking? _asking;
    private int _readers;

    /// <summary>The agent's own last answers to quiet requests.</summary>
    public KeptAnswers Answers { get; } = new();

    /// <summary>Asks for a wake, unless somebody has whose order was not looked at yet.</summary>
    /// <param name="life">Whom to ask.</param>
    /// <param name="view">What was seen.</param>
    /// <param name="next">Completes when the order was looked at; taken before the view was read.</param>
    public void Ask(IAgentLife life, AgentView view, Task next)
    {
        var before = Volatile.Read(ref _asking);
        if (IsOpen(before, view))
        {
            return;
        }

        if (Interlocked.CompareExchange(ref _asking, new Asking(view, next, time.GetTimestamp()), before) == before)
        {
            life.Wake(WakeCause.Request);
        }
    }

    /// <summary>True when a wake was asked for and the order was not looked at yet.</summary>
    public bool HasAsked(AgentView view) => IsOpen(Volatile.Read(ref _asking), view);

    /// <summary>A reader of the status begins to listen; false when so many listen already.</summary>
    public bool TryRead()
    {
        if (Interlocked.Increment(ref _readers) > MostReaders)
        {
            Interlocked.Decrement(ref _readers);
            return false;
        }

        return true;
    }

    /// <summary>It listens no more.</summary>
    public void EndRead() => Interlocked.Decrement(ref _readers);

    private bool IsOpen(Asking? asking, AgentView view) =>
        asking is not null
        && ReferenceEquals(asking.View, view)
        && !asking.Next.IsCompleted
        && time.GetElapsedTime(asking.At) < AskAgainAfter;

    private sealed record Asking(AgentView View, Task Next, long At);
}
