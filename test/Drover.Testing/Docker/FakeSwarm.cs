using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Drover.Testing.Docker;

/// <summary>
/// The Swarm of a <see cref="FakeDockerEngine"/>, as far as services and tasks go. Nothing happens in it by itself: a
/// test says what tasks do, and whether Swarm tells of it.
/// </summary>
public sealed class FakeSwarm
{
    /// <summary>The engine's own node.</summary>
    public const string Node = "node0000000000000000000a";

    /// <summary>A network that its tasks are attached to.</summary>
    public const string Network = "agents00000000000000000a";

    private readonly FakeDockerEngine _engine;
    private readonly ConcurrentDictionary<string, FakeSwarmService> _services = new();
    private readonly ConcurrentDictionary<string, FakeSwarmTask> _tasks = new();
    private int _version = 10;
    private int _made;
    private int _overtaken;

    internal FakeSwarm(FakeDockerEngine engine) => _engine = engine;

    /// <summary>Services, by id.</summary>
    public IReadOnlyCollection<FakeSwarmService> Services => [.. _services.Values];

    /// <summary>Tasks, in the order they were made.</summary>
    public IReadOnlyCollection<FakeSwarmTask> Tasks => [.. _tasks.Values.OrderBy(task => task.Number)];

    /// <summary>Addresses on the engine's docker_gwbridge, by container.</summary>
    public ConcurrentDictionary<string, string> Bridge { get; } = new();

    /// <summary>Adds a service.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="replicas">How many tasks it should have.</param>
    /// <param name="spec">Its whole spec as JSON; null: a plain one.</param>
    public FakeSwarmService AddService(string name, int replicas = 0, string? spec = null)
    {
        var service = new FakeSwarmService(Id("svc"), name)
        {
            Version = Interlocked.Increment(ref _version),
            Spec = spec ?? $$"""{"Name":"{{name}}","Mode":{"Replicated":{"Replicas":{{replicas}} } } }""",
        };
        _services[service.Id] = service;
        Emit("create", service);
        return service;
    }

    /// <summary>Somebody changes a service's spec.</summary>
    public void Change(FakeSwarmService service, string spec)
    {
        service.Spec = spec;
        service.Version = Interlocked.Increment(ref _version);
        Emit("update", service);
    }

    /// <summary>Somebody removes a service and its tasks.</summary>
    public void Remove(FakeSwarmService service)
    {
        _services.TryRemove(service.Id, out _);
        foreach (var task in _tasks.Values.Where(task => task.Service == service))
        {
            _tasks.TryRemove(task.Id, out _);
        }

        Emit("remove", service);
    }

    /// <summary>The next so many updates find that another was faster.</summary>
    public void Overtake(int times) => Interlocked.Exchange(ref _overtaken, times);

    /// <summary>Swarm makes a task; nobody is told.</summary>
    public FakeSwarmTask AddTask(FakeSwarmService service, string state = "pending", string node = Node)
    {
        var number = Interlocked.Increment(ref _made);
        var task = new FakeSwarmTask(Id("tsk"), service, number) { State = state, Node = node };
        _tasks[task.Id] = task;
        return task;
    }

    /// <summary>The task's container is started on this engine: the engine tells, Swarm does not yet.</summary>
    public FakeContainer StartContainer(FakeSwarmTask task)
    {
        var container = _engine.AddContainer(
            $"{task.Service.Name}.1.{task.Id}",
            made =>
            {
                made.State = "created";
                made.Labels["com.docker.swarm.service.id"] = task.Service.Id;
                made.Labels["com.docker.swarm.service.name"] = task.Service.Name;
                made.Labels["com.docker.swarm.task.id"] = task.Id;
            });
        Bridge[container.Id] = $"10.214.0.{task.Number + 1}";
        _engine.Start(container);
        return container;
    }

    internal FakeSwarmService? Find(string reference) =>
        _services.GetValueOrDefault(reference)
        ?? _services.Values.FirstOrDefault(each => each.Name == reference)
        ?? _services.Values.FirstOrDefault(each => each.Id.StartsWith(reference, StringComparison.Ordinal));

    /// <summary>Takes an update; false when its version is stale.</summary>
    internal bool TryUpdate(FakeSwarmService service, int version, string spec)
    {
        if (Interlocked.Decrement(ref _overtaken) >= 0)
        {
            service.Version = Interlocked.Increment(ref _version);
        }

        if (service.Version != version)
        {
            return false;
        }

        service.Updates.Enqueue(spec);
        Change(service, spec);
        return true;
    }

    internal JsonObject Membership() => new()
    {
        ["LocalNodeState"] = "active",
        ["NodeID"] = Node,
        ["ControlAvailable"] = true,
    };

    private void Emit(string action, FakeSwarmService service) =>
        _engine.EmitEvent(
            "service", action, service.Id, new Dictionary<string, string> { ["name"] = service.Name });

    private string Id(string prefix) =>
        string.Create(CultureInfo.InvariantCulture, $"{prefix}{Interlocked.Increment(ref _made):D22}");
}

/// <summary>A service of a <see cref="FakeSwarm"/>.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name.</param>
public sealed record FakeSwarmService(string Id, string Name)
{
    public int Version { get; set; }

    /// <summary>Its spec, letter for letter.</summary>
    public string Spec { get; set; } = "";

    /// <summary>The specs that updates brought, oldest first.</summary>
    public ConcurrentQueue<string> Updates { get; } = new();

    public bool Equals(FakeSwarmService? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => Id.GetHashCode(StringComparison.Ordinal);
}

/// <summary>A task of a <see cref="FakeSwarm"/>; change it and the next answer shows it.</summary>
public sealed class FakeSwarmTask(string id, FakeSwarmService service, int number)
{
    public string Id => id;

    public FakeSwarmService Service => service;

    /// <summary>How many things were made before it.</summary>
    public int Number => number;

    public string State { get; set; } = "pending";

    public string Desired { get; set; } = "running";

    public string Node { get; set; } = "";

    public string? Error { get; set; }

    public string? ContainerId { get; set; }

    public int ExitCode { get; set; }

    /// <summary>Its address in <see cref="FakeSwarm.Network"/>; null: none yet.</summary>
    public string? Address { get; set; }

    internal JsonObject ToJson()
    {
        var status = new JsonObject { [nameof(State)] = State, ["Message"] = State };
        if (Error is not null)
        {
            status["Err"] = Error;
        }

        if (ContainerId is not null)
        {
            status["ContainerStatus"] = new JsonObject { ["ContainerID"] = ContainerId, [nameof(ExitCode)] = ExitCode };
        }

        return new JsonObject
        {
            ["ID"] = Id,
            ["Version"] = new JsonObject { ["Index"] = Number },
            ["CreatedAt"] = string.Create(CultureInfo.InvariantCulture, $"2026-01-01T00:00:00.{Number:D9}Z"),
            ["ServiceID"] = Service.Id,
            ["Slot"] = 1,
            ["NodeID"] = Node,
            ["Status"] = status,
            ["DesiredState"] = Desired,
            ["NetworksAttachments"] = Address is null ? null : new JsonArray(
                Attachment("ingress0000000000000000a", "ingress", "10.0.0.9/24", isIngress: true),
                Attachment(FakeSwarm.Network, "agents", $"{Address}/24", isIngress: false)),
        };
    }

    private static JsonObject Attachment(string network, string name, string address, bool isIngress) => new()
    {
        ["Network"] = new JsonObject
        {
            ["ID"] = network,
            ["Spec"] = new JsonObject { ["Name"] = name, ["Ingress"] = isIngress },
        },
        ["Addresses"] = new JsonArray(address),
    };
}
