using System.Threading.Channels;
using Drover.Core.Agents;
using Microsoft.Extensions.Logging;

namespace Drover.Gateway.Swarm;

/// <summary>
/// Those who want to know of services. One loop calls them, one call at a time, each with the latest that it has not
/// heard; nobody is called with a lock held. However fast things change, a slow observer costs one observation.
/// </summary>
internal sealed partial class Observers(ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<Subscription>> _all = [];
    private readonly Channel<Subscription> _due = Channel.CreateUnbounded<Subscription>(
        new UnboundedChannelOptions { SingleReader = true });

    /// <summary>True when somebody wants to know of a service.</summary>
    public bool IsWatched(string service)
    {
        lock (_gate)
        {
            return _all.ContainsKey(service);
        }
    }

    /// <summary>The services that somebody wants to know of.</summary>
    public IReadOnlySet<string> Services()
    {
        lock (_gate)
        {
            return _all.Keys.ToHashSet();
        }
    }

    /// <summary>Adds one.</summary>
    public IDisposable Add(string service, Action<ServiceObservation> observer)
    {
        var subscription = new Subscription(this, service, observer);
        lock (_gate)
        {
            if (!_all.TryGetValue(service, out var those))
            {
                _all[service] = those = [];
            }

            those.Add(subscription);
        }

        return subscription;
    }

    /// <summary>Tells those of a service who do not know it yet.</summary>
    public void Tell(string service, ServiceObservation observation)
    {
        lock (_gate)
        {
            foreach (var subscription in _all.GetValueOrDefault(service) ?? [])
            {
                if (subscription.Offer(observation))
                {
                    _due.Writer.TryWrite(subscription);
                }
            }
        }
    }

    /// <summary>Completes when all that was told by now has been heard.</summary>
    public Task HeardAsync()
    {
        var mark = new Subscription(this, "", static _ => { });
        _due.Writer.TryWrite(mark);
        return mark.Heard.Task;
    }

    /// <summary>Calls observers until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await foreach (var subscription in _due.Reader.ReadAllAsync(cancellationToken))
        {
            ServiceObservation? observation;
            lock (_gate)
            {
                observation = subscription.Take();
            }

            if (observation is not null)
            {
                Call(subscription, observation);
            }

            subscription.Heard.TrySetResult();
        }
    }

    private void Call(Subscription subscription, ServiceObservation observation)
    {
        try
        {
            subscription.Observer(observation);
        }
        catch (Exception error)
        {
            // One observer's fault must not leave the others blind.
            ObserverFailed(subscription.Service, error);
        }
    }

    private void Remove(Subscription subscription)
    {
        lock (_gate)
        {
            subscription.Take();
            if (_all.TryGetValue(subscription.Service, out var those) && those.Remove(subscription) && those.Count is 0)
            {
                _all.Remove(subscription.Service);
            }
        }
    }

    private static bool IsSame(ServiceObservation one, ServiceObservation other) =>
        one.Tasks.SequenceEqual(other.Tasks) && one with { Tasks = [] } == other with { Tasks = [] };

    [LoggerMessage(5203, LogLevel.Error, "What is known of service {Service} could not be taken")]
    private partial void ObserverFailed(string service, Exception error);

    private sealed class Subscription(
        Observers owner, string service, Action<ServiceObservation> observer) : IDisposable
    {
        private ServiceObservation? _last;
        private ServiceObservation? _next;

        public string Service => service;

        public Action<ServiceObservation> Observer => observer;

        public TaskCompletionSource Heard { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>True when it was not waiting to be called yet.</summary>
        public bool Offer(ServiceObservation observation)
        {
            if ((_next ?? _last) is { } known && IsSame(known, observation))
            {
                return false;
            }

            var isFirst = _next is null;
            _next = observation;
            return isFirst;
        }

        public ServiceObservation? Take()
        {
            var next = _next;
            _last = next ?? _last;
            _next = null;
            return next;
        }

        public void Dispose() => owner.Remove(this);
    }
}
