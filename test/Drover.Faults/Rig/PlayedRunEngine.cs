using Drover.Testing.Docker;
using Drover.Testing.Ledger;

namespace Drover.Faults.Rig;

/// <summary>
/// An engine that this process plays on a socket: the same API and the same order of events as a real one, at a
/// hundredth of its cost, and it knows to the moment from when on somebody hears it.
/// </summary>
internal sealed class PlayedRunEngine : IRunEngine
{
    // Long enough that a death can fall between the stop and the start of a restart.
    private static readonly TimeSpan ActionTime = TimeSpan.FromMilliseconds(60);

    private readonly FakeDockerEngine _engine;
    private readonly Lock _gate = new();
    private readonly List<EngineEvent> _events = [];
    private readonly List<DateTimeOffset> _followed = [];

    private PlayedRunEngine(FakeDockerEngine engine)
    {
        _engine = engine;
        _engine.ActionTime = ActionTime;
        _engine.Happened = (container, action, at) => Note(_events, new EngineEvent(container.Name, action, at));
        _engine.Followed = () => Note(_followed, DateTimeOffset.UtcNow);
    }

    public string Address => _engine.Address;

    public IReadOnlyList<EngineEvent> Events
    {
        get
        {
            lock (_gate)
            {
                return [.. _events];
            }
        }
    }

    public IReadOnlyList<string> Unanswered => _engine.Unanswered;

    public static async Task<PlayedRunEngine> StartAsync() =>
        new(await FakeDockerEngine.StartNewAsync(TimeProvider.System));

    public Task RunAsync(string name, int? exitCode)
    {
        var container = _engine.AddContainer(name, added =>
        {
            added.State = "created";
            added.Labels["drover.app"] = name;
        });
        container.Logs("up");
        _engine.Start(container);
        if (exitCode is { } code)
        {
            _engine.End(container, code);
        }

        return Task.CompletedTask;
    }

    public Task KillAsync(string name)
    {
        _engine.End(Find(name), 137);
        return Task.CompletedTask;
    }

    public Task RemoveAsync(string name)
    {
        _engine.RemoveContainer(Find(name));
        return Task.CompletedTask;
    }

    /// <summary>From now on it takes requests and answers none.</summary>
    public void Hang() => _engine.Hang();

    public DateTimeOffset? HearsFrom(DateTimeOffset started)
    {
        lock (_gate)
        {
            return _followed.Where(at => at >= started).Select(at => (DateTimeOffset?)at).FirstOrDefault();
        }
    }

    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    private FakeContainer Find(string name) => _engine.Containers.Single(container => container.Name == name);

    private void Note<T>(List<T> list, T one)
    {
        lock (_gate)
        {
            list.Add(one);
        }
    }
}
