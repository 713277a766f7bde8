using Drover.Testing.Docker;

[assembly: AssemblyFixture(typeof(Drover.Faults.RunsInParallel))]

namespace Drover.Faults;

/// <summary>
/// Runs wait most of the time (for leases, for processes to start), so some go on side by side: a test that asks for
/// its run waits for a place. Each run has its own server, agent and containers; a real engine is shared.
/// </summary>
public sealed class RunsInParallel : IAsyncDisposable
{
    private const int PlacesACore = 4;

    private readonly SemaphoreSlim _places = new(PlacesACore * Environment.ProcessorCount);
    private readonly SharedDockerEngine _docker = new();

    /// <summary>Begins all of them, a few at a time; each result can be awaited for itself.</summary>
    internal Dictionary<TKey, Task<IReadOnlyList<string>>> Begin<TKey>(
        IEnumerable<TKey> keys, Func<SharedDockerEngine, TKey, Task<IReadOnlyList<string>>> run)
        where TKey : notnull => keys.ToDictionary(key => key, key => RunAsync(() => run(_docker, key)));

    public async ValueTask DisposeAsync()
    {
        _places.Dispose();
        await _docker.DisposeAsync();
    }

    private async Task<IReadOnlyList<string>> RunAsync(Func<Task<IReadOnlyList<string>>> run)
    {
        await _places.WaitAsync();
        try
        {
            return await run();
        }
        finally
        {
            _places.Release();
        }
    }
}
