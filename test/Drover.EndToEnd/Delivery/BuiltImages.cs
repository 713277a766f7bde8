using Drover.Testing.Docker;

namespace Drover.EndToEnd.Delivery;

/// <summary>All images, built once from the published file on an engine of their own.</summary>
public sealed class BuiltImages : IAsyncLifetime
{
    private DockerEngine? _engine;

    internal DockerEngine Engine => _engine ?? throw new InvalidOperationException("The images are not built yet.");

    internal DockerCli Docker => new(Engine);

    public async ValueTask InitializeAsync()
    {
        _engine = await DockerEngine.StartAsync();
        foreach (var target in (string[])["server", "host-agent", "supervisor", "gateway"])
        {
            await Docker.BuildAsync(target);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_engine is not null)
        {
            await _engine.DisposeAsync();
        }
    }
}

/// <summary>The tests of the images, which share them.</summary>
[CollectionDefinition(nameof(BuiltImages))]
public sealed class OfBuiltImages : ICollectionFixture<BuiltImages>;
