using System.Collections.Concurrent;
using Drover.Core.Agents;
using Drover.Gateway.Lifecycle;
using Drover.Gateway.Swarm;
using Drover.Testing.Docker;

namespace Drover.Gateway.Tests.Rig;

/// <summary>
/// A Swarm that does what a test says, and notes what it is told. A service that is scaled up gets a task at the
/// address of <see cref="PlayedService.Address"/> at once, unless the test holds it back.
/// </summary>
internal sealed class PlayedSwarm : IServiceWatch, IServiceScaler
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, PlayedService> _services = new(StringComparer.Ordinal);
    private readonly List<(string Service, Action<ServiceObservation> Observer)> _observers = [];
    private int _hurries;

    /// <summary>What was ordered, in order: <c>scale web 1</c>, <c>pause c1</c>.</summary>
    public ConcurrentQueue<string> Orders { get; } = new();

    /// <summary>How many wait for something to change.</summary>
    public int Hurries => Volatile.Read(ref _hurries);

    /// <summary>False: nothing is told, and orders are not answered.</summary>
    public bool IsReachable { get; set; } = true;

    /// <summary>What the next orders come to; when it is empty they are done.</summary>
    public ConcurrentQueue<ScaleOutcome> Outcomes { get; } = new();

    /// <summary>Orders wait for this before they come to anything.</summary>
    public Task Held { get; set; } = Task.CompletedTask;

    public SwarmAccess Access => new(this, this);

    /// <summary>A service with so many tasks that run.</summary>
    public PlayedService Add(string name, int replicas = 0)
    {
        var service = new PlayedService(this, name);
        lock (_gate)
        {
            _services[name] = service;
        }

        service.Scale(replicas);
        return service;
    }

    /// <summary>The service of that name.</summary>
    public PlayedService Service(string name)
    {
        lock (_gate)
        {
            return _services[name];
        }
    }

    /// <summary>Waits until an order was given.</summary>
    public Task UntilOrderedAsync(string order) => UntilAsync(() => Orders.Contains(order), order);

    /// <summary>Waits until something is so.</summary>
    public Task UntilAsync(Func<bool> condition, string what) =>
        Eventually.TrueAsync(() => Task.FromResult(condition()), what, TestContext.Current.CancellationToken);

    public IDisposable Subscribe(string service, Action<ServiceObservation> observer)
    {
        lock (_gate)
        {
            _observers.Add((service, observer));
            if (IsReachable)
            {
                observer(Look(service));
            }
        }

        return new Ending(() =>
        {
            lock (_gate)
            {
                _observers.RemoveAll(one => one.Observer == observer);
            }
        });
    }

    public IDisposable Hurry(string service)
    {
        Interlocked.Increment(ref _hurries);
        return new Ending(() => Interlocked.Decrement(ref _hurries));
    }

    public Task<ScaleOutcome> ScaleAsync(string service, int replicas, CancellationToken cancellationToken) =>
        DoAsync($"scale {service} {replicas}", () => Find(service)?.Scale(replicas), cancellationToken);

    public Task<ScaleOutcome> PauseAsync(string containerId, CancellationToken cancellationToken) =>
        DoAsync($"pause {containerId}", () => OwnerOf(containerId)?.Freeze(true), cancellationToken);

    public Task<ScaleOutcome> UnpauseAsync(string containerId, CancellationToken cancellationToken) =>
        DoAsync($"unpause {containerId}", () => OwnerOf(containerId)?.Freeze(false), cancellationToken);

    /// <summary>Everybody hears what is so.</summary>
    public void Tell()
    {
        lock (_gate)
        {
            foreach (var (service, observer) in IsReachable ? _observers : [])
            {
                observer(Look(service));
            }
        }
    }

    /// <summary>Changes something and tells it, as one.</summary>
    public void Change(Action change)
    {
        lock (_gate)
        {
            change();
            Tell();
        }
    }

    private async Task<ScaleOutcome> DoAsync(string order, Action act, CancellationToken cancellationToken)
    {
        Orders.Enqueue(order);
        await Held.WaitAsync(cancellationToken);
        if (Outcomes.TryDequeue(out var outcome) && outcome is not ScaleOutcome.Done)
        {
            return outcome;
        }

        act();
        return new ScaleOutcome.Done();
    }

    private ServiceObservation Look(string service) =>
        _services.GetValueOrDefault(service)?.Observation ?? new ServiceObservation();

    private PlayedService? Find(string service)
    {
        lock (_gate)
        {
            return _services.GetValueOrDefault(service);
        }
    }

    private PlayedService? OwnerOf(string containerId)
    {
        lock (_gate)
        {
            return _services.Values.FirstOrDefault(
                service => service.Observation.Tasks.Any(task => task.ContainerId == containerId));
        }
    }

    private sealed class Ending(Action end) : IDisposable
    {
        private int _isOver;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isOver, 1) == 0)
            {
                end();
            }
        }
    }
}
