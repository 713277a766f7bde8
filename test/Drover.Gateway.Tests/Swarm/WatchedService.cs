using System.Diagnostics;
using Drover.Core.Agents;
using Drover.Gateway.Swarm;

namespace Drover.Gateway.Tests.Swarm;

/// <summary>Somebody who wants to know of one service, and remembers all that it was told.</summary>
internal sealed class WatchedService : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private readonly Lock _gate = new();
    private readonly List<ServiceObservation> _seen = [];
    private readonly IDisposable _subscription;
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _inside;

    public WatchedService(IServiceWatch watch, string service)
    {
        Name = service;
        _subscription = watch.Subscribe(service, Take);
    }

    public string Name { get; }

    /// <summary>True when it was ever called while it was being called.</summary>
    public bool WasCalledTwiceAtOnce { get; private set; }

    public IReadOnlyList<ServiceObservation> Seen
    {
        get
        {
            lock (_gate)
            {
                return [.. _seen];
            }
        }
    }

    /// <summary>Waits until it was told something of the kind, be it earlier; gives it.</summary>
    public async Task<ServiceObservation> SeesAsync(
        Func<ServiceObservation, bool> condition, string what, TimeSpan? limit = null)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            Task next;
            lock (_gate)
            {
                if (_seen.Find(each => condition(each)) is { } found)
                {
                    return found;
                }

                next = _next.Task;
            }

            try
            {
                await next.WaitAsync(
                    (limit ?? Limit) - Stopwatch.GetElapsedTime(start), TestContext.Current.CancellationToken);
            }
            catch (Exception error) when (error is TimeoutException or ArgumentOutOfRangeException)
            {
                throw new TimeoutException(
                    $"{Name} was never seen to be: {what}. Seen: {string.Join("; ", Seen.TakeLast(5).Select(Text))}");
            }
        }
    }

    /// <summary>Forgets what it was told but the last.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            _seen.RemoveRange(0, Math.Max(0, _seen.Count - 1));
        }
    }

    public void Dispose() => _subscription.Dispose();

    private void Take(ServiceObservation observation)
    {
        WasCalledTwiceAtOnce |= Interlocked.Increment(ref _inside) > 1;
        TaskCompletionSource next;
        lock (_gate)
        {
            _seen.Add(observation);
            next = _next;
            _next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        next.TrySetResult();
        Interlocked.Decrement(ref _inside);
    }

    private static string Text(ServiceObservation each) =>
        $"{each.ServiceId} x{each.Replicas} [{string.Join(", ", each.Tasks)}]";
}
