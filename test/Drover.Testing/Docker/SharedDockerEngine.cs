namespace Drover.Testing.Docker;

/// <summary>
/// The one <see cref="DockerEngine"/> of a test assembly, started when the first test asks for it:
/// <c>[assembly: AssemblyFixture(typeof(SharedDockerEngine))]</c>. Tests that stop or hang the daemon start one of
/// their own.
/// </summary>
public sealed class SharedDockerEngine : IAsyncDisposable
{
    private readonly Lazy<Task<DockerEngine>> _engine = new(() => DockerEngine.StartAsync());

    public Task<DockerEngine> GetAsync() => _engine.Value;

    public async ValueTask DisposeAsync()
    {
        if (_engine.IsValueCreated && _engine.Value.IsCompletedSuccessfully)
        {
            await (await _engine.Value).DisposeAsync();
        }
    }
}
