using Drover.Runtime.Events;

namespace Drover.Gateway.Activity;

/// <summary>
/// What an agent is used for, over all its hostnames and all protocols: the one place that idle, drain and capacity
/// ask. Work that is open counts until it ends. A fence lets open work end and no more begin; work and fence cannot
/// miss each other, for both are one number. Thread-safe without a lock.
/// </summary>
internal sealed class AgentActivity
{
    // One bit is the fence, those below it count what is open.
    private const long Fence = 1L << 62;

    private readonly TimeProvider _time;
    private readonly Pulse? _changes;
    private readonly int[] _byKind = new int[Enum.GetValues<WorkKind>().Length];
    private long _state;
    private long _lastAt;
    private int _waiting;
    private TaskCompletionSource? _drained;

    /// <param name="time">The clock.</param>
    /// <param name="changes">Beats when the fence is lifted; null: nobody waits for that.</param>
    public AgentActivity(TimeProvider time, Pulse? changes = null)
    {
        _time = time;
        _changes = changes;
        _lastAt = time.GetTimestamp();
    }

    /// <summary>How much work is open.</summary>
    public int Open => (int)(Interlocked.Read(ref _state) & ~Fence);

    /// <summary>
    /// How many requests wait for the agent to serve. They are not open work, which a sleep waits for: they wait for
    /// the wake after it. But whoever would put the agent to sleep for idleness or room leaves it awake for them.
    /// </summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>True while no work may begin.</summary>
    public bool IsFenced => (Interlocked.Read(ref _state) & Fence) != 0;

    /// <summary>How long ago work last began, ended or showed itself. Says nothing while work is open.</summary>
    public TimeSpan SinceLast => _time.GetElapsedTime(Interlocked.Read(ref _lastAt));

    /// <summary>How much work of one kind is open.</summary>
    public int OpenOf(WorkKind kind) => Volatile.Read(ref _byKind[(int)kind]);

    /// <summary>Begins a piece of work; false behind the fence, and then nothing was begun.</summary>
    /// <param name="kind">What it is.</param>
    /// <param name="isUse">False: it is open until it ends, and says nothing of whether the agent is used.</param>
    public bool TryBegin(WorkKind kind, bool isUse = true)
    {
        if ((Interlocked.Increment(ref _state) & Fence) != 0)
        {
            Leave();
            return false;
        }

        Interlocked.Increment(ref _byKind[(int)kind]);
        if (isUse)
        {
            Touch();
        }

        return true;
    }

    /// <summary>The work turned out to be of another kind: an answer became a stream of events.</summary>
    public void Change(WorkKind from, WorkKind to)
    {
        Interlocked.Increment(ref _byKind[(int)to]);
        Interlocked.Decrement(ref _byKind[(int)from]);
    }

    /// <summary>Ends a piece of work that was begun, said to be the same as then.</summary>
    public void End(WorkKind kind, bool isUse = true)
    {
        if (isUse)
        {
            Touch();
        }

        Interlocked.Decrement(ref _byKind[(int)kind]);
        Leave();
    }

    /// <summary>A request begins to wait for the agent; false when so many do already, and then it does not.</summary>
    public bool TryWait(int most)
    {
        if (Interlocked.Increment(ref _waiting) > most)
        {
            Interlocked.Decrement(ref _waiting);
            return false;
        }

        Touch();
        return true;
    }

    /// <summary>It waits no more.</summary>
    public void EndWait()
    {
        Touch();
        Interlocked.Decrement(ref _waiting);
    }

    /// <summary>Somebody used the agent just now: a message of a WebSocket, say.</summary>
    public void Touch() => Interlocked.Exchange(ref _lastAt, _time.GetTimestamp());

    /// <summary>From now on no work begins; completes when what is open has ended.</summary>
    public Task RaiseFenceAsync()
    {
        var drained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        drained = Interlocked.CompareExchange(ref _drained, drained, null) ?? drained;
        if (Interlocked.Or(ref _state, Fence) is 0 or Fence)
        {
            drained.TrySetResult();
        }

        return drained.Task;
    }

    /// <summary>Lets work begin again.</summary>
    public void LiftFence()
    {
        Interlocked.Exchange(ref _drained, null);
        Interlocked.And(ref _state, ~Fence);
        _changes?.Beat();
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _state) == Fence)
        {
            Volatile.Read(ref _drained)?.TrySetResult();
        }
    }
}
