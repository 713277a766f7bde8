using System.Collections.Concurrent;
using Drover.Core.Agents;
using Drover.Gateway.Lifecycle;

namespace Drover.Gateway.Tests.Admin;

/// <summary>An agent's life that a test plays: it writes down what is asked, and answers when told.</summary>
internal sealed class OrderedLife : IAgentLife
{
    private readonly TaskCompletionSource<SleepOutcome> _sleep =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What was asked of it, in order.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>Called for a wake.</summary>
    public Action OnWake { get; set; } = () => { };

    /// <summary>What calls the order to sleep off.</summary>
    public CancellationToken SleepToken { get; private set; }

    public void Wake(WakeCause cause)
    {
        Asked.Enqueue($"wake {cause}");
        OnWake();
    }

    public Task<SleepOutcome> SleepAsync(SleepCause cause, CancellationToken cancellationToken)
    {
        Asked.Enqueue($"sleep {cause}");
        SleepToken = cancellationToken;
        return _sleep.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Ends the order to sleep.</summary>
    public void EndSleep(SleepOutcome outcome) => _sleep.SetResult(outcome);
}
