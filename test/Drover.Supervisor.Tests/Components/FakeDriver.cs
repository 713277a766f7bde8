using System.Collections.Concurrent;
using Drover.Core.Components;
using Drover.Runtime.Processes;
using Drover.Supervisor.Components;
using Drover.Supervisor.State;

namespace Drover.Supervisor.Tests.Components;

/// <summary>
/// Instances that exist only here: they start at once, end when a test says so, and never two at a time.
/// </summary>
internal sealed class FakeDriver(IInstanceReports reports) : IInstanceDriver
{
    private readonly ConcurrentQueue<string> _done = new();
    private long _live;

    /// <summary>What was asked of it, in order.</summary>
    internal IReadOnlyList<string> Done => [.. _done];

    /// <summary>Number of the live instance; 0 for none.</summary>
    internal long Live => Volatile.Read(ref _live);

    /// <summary>Called at each launch before it is answered.</summary>
    internal Action<long> Launching { get; set; } = _ => { };

    /// <summary>Called at each launch after it was answered.</summary>
    internal Action Launched { get; set; } = static () => { };

    /// <summary>Why instances cannot be launched; null when they can.</summary>
    internal EndCause? Refusal { get; set; }

    /// <summary>Whether a launch goes on until it is given up.</summary>
    internal bool IsSlow { get; set; }

    /// <summary>Whether an instance ends when it is asked to.</summary>
    internal bool HearsSignals { get; set; } = true;

    /// <summary>What it finds of the recorded instance.</summary>
    internal Recovery Found { get; set; } = new Recovery.Gone(Cause: null);

    internal static InstanceRecord RecordOf(long instance) => new()
    {
        Instance = instance,
        Process = new ProcessIdentity("boot", (int)(1000 + instance), 1, 0),
    };

    public void Launch(long instance)
    {
        _done.Enqueue($"launch {instance}");
        Launching(instance);
        if (IsSlow)
        {
            return;
        }

        if (Refusal is { } refusal)
        {
            reports.LaunchFailed(instance, refusal);
            return;
        }

        if (Interlocked.CompareExchange(ref _live, instance, 0) != 0)
        {
            throw new InvalidOperationException($"two live instances: {instance} beside {Live}");
        }

        reports.Launched(instance, RecordOf(instance));
        Launched();
    }

    public void CancelLaunch(long instance)
    {
        _done.Enqueue($"cancel {instance}");
        if (IsSlow)
        {
            reports.LaunchFailed(instance, new EndCause.Operator());
        }
    }

    public void Signal(long instance, string signal)
    {
        _done.Enqueue($"signal {instance} {signal}");
        if (HearsSignals)
        {
            End(new EndCause.Signal(signal));
        }
    }

    public void Kill(long instance)
    {
        _done.Enqueue($"kill {instance}");
        End(new EndCause.Signal("SIGKILL"));
    }

    public Task<Recovery> RecoverAsync(
        long instance, InstanceRecord? record, CancellationToken cancellationToken)
    {
        _done.Enqueue($"recover {instance} {record?.Process?.Pid}".TrimEnd());
        if (Found is Recovery.Alive)
        {
            _live = instance;
        }

        return Task.FromResult(Found);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Whoever runs the live instance does not answer any more, or again.</summary>
    internal void See(string? why) => reports.Unseen(Live, why);

    /// <summary>The live instance's own process ends, and what it started lives on.</summary>
    internal void EndLeader(EndCause cause) => reports.Ending(Live, cause);

    /// <summary>The live instance ends by itself.</summary>
    internal void End(EndCause cause)
    {
        if (Interlocked.Exchange(ref _live, 0) is var live and not 0)
        {
            reports.Exited(live, cause);
        }
    }
}
