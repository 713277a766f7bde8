using Drover.Testing.Docker;
using Drover.Testing.Ledger;

namespace Drover.Faults.Rig;

/// <summary>The containers of one run on a real engine that other runs use too.</summary>
internal sealed class RealRunEngine(DockerEngine engine, string run) : IRunEngine
{
    // A real engine does not say who follows it: an agent that was started this long ago does.
    private static readonly TimeSpan WhileStarting = TimeSpan.FromSeconds(10);

    private readonly EngineRecord _record = EngineRecord.Start(engine, run);
    private readonly List<string> _containers = [];

    public string Address => engine.Address;

    public IReadOnlyList<EngineEvent> Events => _record.Events;

    public IReadOnlyList<string> Unanswered => ["a real engine does not say"];

    public async Task RunAsync(string name, int? exitCode)
    {
        var labels = new Dictionary<string, string> { ["drover.app"] = name, [EngineRecord.Label] = run };
        _containers.Add(name);
        await engine.RunAsync(name, exitCode is { } code ? DockerEngine.Shell($"exit {code}") : null, labels);
    }

    public Task KillAsync(string name) => engine.Client.Containers.KillAsync(name, "KILL", CancellationToken.None);

    public Task RemoveAsync(string name) => engine.RemoveAsync(name);

    public DateTimeOffset? HearsFrom(DateTimeOffset started) => started + WhileStarting;

    public async ValueTask DisposeAsync()
    {
        await _record.DisposeAsync();
        foreach (var container in _containers)
        {
            await engine.RemoveAsync(container);
        }
    }
}
