using System.Globalization;
using Drover.Core.Agents;
using Drover.Runtime.Docker.Events;
using Drover.Runtime.Docker.Swarm;

namespace Drover.Gateway.Swarm;

/// <summary>
/// What is known of some services of the Swarm: answers to questions, and events of this node's containers, which are
/// ahead of them. No I/O, no clock; one caller at a time.
/// </summary>
internal sealed class SwarmPicture
{
    public const string ServiceIdLabel = "com.docker.swarm.service.id";
    public const string ServiceNameLabel = "com.docker.swarm.service.name";
    public const string TaskIdLabel = "com.docker.swarm.task.id";

    private readonly Dictionary<string, Service> _services = [];
    private readonly Dictionary<string, List<SwarmTask>> _tasks = [];
    private readonly Dictionary<string, ContainerFact> _facts = [];
    private readonly HashSet<string> _known = [];
    private IReadOnlyDictionary<string, string> _bridge = new Dictionary<string, string>();

    /// <summary>Counts what was learnt from events: questions asked before a moment do not overrule it.</summary>
    public long Moment { get; private set; }

    /// <summary>Where the gateway stands.</summary>
    public GatewayPlace Place { get; private set; } = new();

    /// <summary>True once it is known whether there is a service of that name.</summary>
    public bool IsKnown(string name) => _known.Contains(name);

    /// <summary>The id of a service; null: there is none of this exact name.</summary>
    public string? IdOf(string name) => _services.GetValueOrDefault(name)?.Id;

    /// <summary>Names of the services that answers are about.</summary>
    public IReadOnlyList<string> NamesOf(IReadOnlyList<SwarmListing> answers) =>
    [
        .. from each in _services
           where answers.Any(answer => answer.Only?.Contains(each.Value.Id) is true)
           select each.Key
    ];

    /// <summary>Takes the engine's answers.</summary>
    /// <param name="listing">The answers.</param>
    /// <param name="watched">The services that somebody watches.</param>
    public void Apply(SwarmListing listing, IReadOnlySet<string> watched)
    {
        Place = listing.Place ?? Place;
        _bridge = listing.Bridge ?? _bridge;
        if (listing.Services is { } services)
        {
            ApplyServices(services, listing.Only, watched);
        }

        if (listing.Tasks is { } tasks)
        {
            ApplyTasks(tasks, listing.Only);
        }

        if (listing.Containers is { } containers)
        {
            ApplyContainers(containers, listing.Asked);
        }
    }

    /// <summary>Takes an event of a task's container.</summary>
    public void Apply(DockerEvent happened)
    {
        if (happened[TaskIdLabel] is not { Length: > 0 } task)
        {
            return;
        }

        var before = _facts.GetValueOrDefault(task);
        var fact = before is null || before.ContainerId != happened.ActorId
            ? new ContainerFact(task, happened.ActorId)
            : before;
        _facts[task] = (happened.Action switch
        {
            "start" => fact with { HasStarted = true },
            "pause" => fact with { IsPaused = true },
            "unpause" => fact with { IsPaused = false },
            "oom" => fact with { RanOutOfMemory = true },
            "die" => fact with { IsOver = true, ExitCode = Number(happened["exitCode"]) },
            _ => fact,
        }) with
        { Moment = ++Moment };
    }

    /// <summary>All that is known of a service.</summary>
    public ServiceObservation Observe(string name)
    {
        if (_services.GetValueOrDefault(name) is not { } service)
        {
            return new ServiceObservation();
        }

        var tasks = TasksOf(service);
        var template = service.Spec.TaskTemplate;
        return new ServiceObservation
        {
            ServiceId = service.Id,
            Replicas = service.Spec.Mode switch
            {
                { Global: not null } => tasks.Count(task => task.IsWanted),
                { Replicated.Replicas: { } replicas } => (int)Math.Min(replicas, int.MaxValue),
                _ => 1,
            },
            MemoryLimit = template.Resources?.Limits?.MemoryBytes is > 0 and var bytes ? bytes : null,
            MaxAttempts = template.RestartPolicy switch
            {
                { Condition: "none" } => 0,
                { MaxAttempts: > 0 and var attempts } => attempts,
                _ => null,
            },
            Tasks = tasks,
        };
    }

    /// <summary>
    /// Ids of the services that are on their way somewhere: fewer or other tasks run than should. No event tells when
    /// they arrive.
    /// </summary>
    public IReadOnlySet<string> Unsettled() => _services.Values.Where(IsUnsettled).Select(each => each.Id).ToHashSet();

    /// <summary>True when a container of a task of this node is there whose address on the bridge is not known: it has
    /// one before its process starts.</summary>
    public bool LacksAddress() => Place.UsesBridge && _tasks.Values.Any(tasks => tasks.Exists(task =>
        task.NodeId == Place.NodeId
        && ContainerOf(task) is { } container
        && !_bridge.ContainsKey(container)
        && Read(task) is { IsWanted: true, Phase: < TaskPhase.Ended }));

    private bool IsUnsettled(Service service)
    {
        var observed = Observe(service.Spec.Name!);
        return observed.Tasks.Count(task => task.Phase < TaskPhase.Ended) != observed.Replicas
            || observed.Tasks.Any(task => task is { Phase: < TaskPhase.Ended }
                and not { Phase: TaskPhase.Running, IsWanted: true });
    }

    private List<TaskObservation> TasksOf(Service service)
    {
        var read = new List<TaskObservation>();
        var hasEnded = false;
        foreach (var task in _tasks.GetValueOrDefault(service.Id) ?? [])
        {
            var observed = Read(task);
            var isOver = observed.Phase >= TaskPhase.Ended;
            var isLastEnded = isOver && !hasEnded
                && (TaskReading.EndedByItself(task) || observed.Phase is TaskPhase.Failed);
            hasEnded |= isLastEnded;
            if (isLastEnded || !isOver)
            {
                read.Add(observed);
            }
        }

        return read;
    }

    private TaskObservation Read(SwarmTask task) => TaskReading.Read(
        task,
        _facts.GetValueOrDefault(task.Id),
        Place,
        ContainerOf(task) is { } container ? _bridge.GetValueOrDefault(container) : null);

    private string? ContainerOf(SwarmTask task) => task.Status.ContainerStatus?.ContainerId is { Length: > 0 } id
        ? id
        : _facts.GetValueOrDefault(task.Id)?.ContainerId;

    private void ApplyServices(
        IReadOnlyList<Service> services, IReadOnlySet<string>? only, IReadOnlySet<string> watched)
    {
        foreach (var (name, _) in _services
            .Where(each => only is null || only.Contains(each.Value.Id) || !watched.Contains(each.Key)).ToList())
        {
            _services.Remove(name);
        }

        foreach (var service in services)
        {
            if (service.Spec.Name is { } name && watched.Contains(name))
            {
                _services[name] = service;
            }
        }

        _known.IntersectWith(watched);
        if (only is null)
        {
            _known.UnionWith(watched);
        }

        var ids = _services.Values.Select(service => service.Id).ToHashSet();
        foreach (var gone in _tasks.Keys.Where(id => !ids.Contains(id)).ToList())
        {
            _tasks.Remove(gone);
        }
    }

    private void ApplyTasks(IReadOnlyList<SwarmTask> tasks, IReadOnlySet<string>? only)
    {
        var byService = tasks.ToLookup(task => task.ServiceId);
        foreach (var id in _services.Values.Select(service => service.Id).Where(id => only?.Contains(id) ?? true))
        {
            _tasks[id] =
            [
                .. byService[id].OrderByDescending(task => task.CreatedAt).ThenByDescending(task => task.Version.Index)
            ];
        }

        if (only is null)
        {
            var known = tasks.Select(task => task.Id).ToHashSet();
            foreach (var old in _facts.Values.Where(fact => fact.IsOver && !known.Contains(fact.TaskId)).ToList())
            {
                _facts.Remove(old.TaskId);
            }
        }
    }

    private void ApplyContainers(IReadOnlyList<ContainerFact> running, long asked)
    {
        var listed = running.Select(fact => fact.ContainerId).ToHashSet();
        foreach (var gone in _facts.Values
            .Where(fact => fact.HasStarted && fact.Moment <= asked && !listed.Contains(fact.ContainerId)).ToList())
        {
            // It ended and nobody was told.
            _facts[gone.TaskId] = gone with { IsOver = true };
        }

        foreach (var fact in running)
        {
            if (_facts.GetValueOrDefault(fact.TaskId) is not { } known || (known.Moment <= asked && !known.IsOver))
            {
                _facts[fact.TaskId] = fact with { Moment = asked };
            }
        }
    }

    private static int? Number(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
