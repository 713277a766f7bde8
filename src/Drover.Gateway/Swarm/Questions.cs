namespace Drover.Gateway.Swarm;

/// <summary>What the gateway wants to know of the Swarm next. Thread-safe; one loop takes.</summary>
internal sealed class Questions
{
    // More than this and one list of everything is the smaller question.
    private const int MostServices = 16;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _hurried = [];
    private HashSet<string> _services = [];
    private bool _everything;

    /// <summary>True while somebody waits for a service.</summary>
    public bool IsHurried
    {
        get
        {
            lock (_gate)
            {
                return _hurried.Count > 0;
            }
        }
    }

    /// <summary>Something may have been missed.</summary>
    public void AskEverything()
    {
        lock (_gate)
        {
            _everything = true;
        }
    }

    /// <summary>Something happened to a service.</summary>
    /// <param name="serviceId">Its id.</param>
    public void Ask(string serviceId)
    {
        lock (_gate)
        {
            _services.Add(serviceId);
        }
    }

    /// <summary>Somebody waits for a service, by name.</summary>
    public void Hurry(string service)
    {
        lock (_gate)
        {
            _hurried[service] = _hurried.GetValueOrDefault(service) + 1;
        }
    }

    /// <summary>One less waits for it.</summary>
    public void Relax(string service)
    {
        lock (_gate)
        {
            if (--_hurried[service] is 0)
            {
                _hurried.Remove(service);
            }
        }
    }

    /// <summary>Takes what is wanted now.</summary>
    public Wanted Take()
    {
        lock (_gate)
        {
            var wanted = new Wanted(
                _everything || _services.Count > MostServices, _services, [.. _hurried.Keys]);
            _everything = false;
            _services = [];
            return wanted;
        }
    }
}

/// <summary>What is to be asked.</summary>
/// <param name="Everything">All services and tasks.</param>
/// <param name="Services">Services by id, and their tasks.</param>
/// <param name="Hurried">Services by name whose tasks somebody waits for.</param>
internal sealed record Wanted(
    bool Everything, IReadOnlySet<string> Services, IReadOnlyList<string> Hurried);
