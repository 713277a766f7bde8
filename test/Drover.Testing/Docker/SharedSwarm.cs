namespace Drover.Testing.Docker;

/// <summary>
/// The one Swarm of a test assembly, started when the first test asks for it:
/// <c>[assembly: AssemblyFixture(typeof(SharedSwarm))]</c>. Tests name services so that no two meet, and remove them.
/// Tests that stop an engine or cut a node off start a <see cref="SwarmMachine"/> of their own.
/// </summary>
public sealed class SharedSwarm : IAsyncDisposable
{
    private readonly Lazy<Task<SwarmMachine>> _node = new(SwarmMachine.StartAsync);

    public Task<SwarmMachine> GetAsync() => _node.Value;

    public async ValueTask DisposeAsync()
    {
        if (_node.IsValueCreated && _node.Value.IsCompletedSuccessfully)
        {
            await (await _node.Value).DisposeAsync();
        }
    }
}
