using Drover.Runtime.Docker;
using Drover.Runtime.Docker.Logs;
using Drover.Testing.Docker;

namespace Drover.EndToEnd;

/// <summary>A container with an app code of its own, removed at the end.</summary>
internal sealed class Workload : IAsyncDisposable
{
    private readonly DockerEngine _engine;
    private readonly string _id;

    private Workload(DockerEngine engine, string id, string app)
    {
        _engine = engine;
        _id = id;
        App = app;
    }

    public string App { get; }

    /// <summary>Runs a shell line, then idles until it is stopped.</summary>
    public static async Task<Workload> StartAsync(DockerEngine engine, string app, string line, string? name = null)
    {
        var id = await engine.RunAsync(
            name ?? app,
            DockerEngine.Shell($"trap 'exit 0' TERM; {line}; while :; do sleep 3600 & wait $!; done"),
            new Dictionary<string, string> { ["drover.app"] = app });
        return new Workload(engine, id, app);
    }

    /// <summary>How often it has printed this line.</summary>
    public async Task<int> CountAsync(string line)
    {
        var count = 0;
        await foreach (var one in _engine.Client.Containers.LogsAsync(
            _id, new LogQuery(), tty: false, TestContext.Current.CancellationToken))
        {
            count += one.Text == line ? 1 : 0;
        }

        return count;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _engine.Client.Containers.RemoveAsync(_id, force: true, volumes: true, CancellationToken.None);
        }
        catch (DockerException)
        {
            // The test removed it.
        }
    }
}
