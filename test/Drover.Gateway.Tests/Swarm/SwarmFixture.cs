using System.Globalization;
using Drover.Gateway.Swarm;
using Drover.Runtime.Docker.Swarm;
using Drover.Testing.Docker;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.Gateway.Tests.Swarm;

/// <summary>What one test does on a real Swarm: its watch, its scaler, and the services it deployed, which go with
/// it.</summary>
internal sealed class SwarmFixture(
    SwarmMachine node, string? network = null, string? ownContainer = null) : IAsyncDisposable
{
    private readonly List<string> _services = [];

    public SwarmMachine Node => node;

    public SwarmWatch Watch { get; } =
        new(node.Client, network, ownContainer, TimeProvider.System, NullLogger<SwarmWatch>.Instance);

    public ServiceScaler Scaler { get; } = new(node.Client, TimeProvider.System);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Deploys an agent.</summary>
    public Task<string> DeployAsync(string name, int replicas = 0, string? command = null) =>
        DeployAsync(SwarmMachine.Agent(name, command), replicas);

    /// <summary>Deploys a service.</summary>
    public async Task<string> DeployAsync(ServiceSpec spec, int replicas = 0)
    {
        _services.Add(spec.Name!);
        return await node.DeployAsync(spec, replicas);
    }

    /// <summary>Watches a service from now on; returns when the first word of it was heard.</summary>
    public async Task<WatchedService> WatchAsync(string service)
    {
        var watched = new WatchedService(Watch, service);
        await Watch.Known.WaitAsync(TimeSpan.FromSeconds(30), Token);
        await watched.SeesAsync(each => each.ServiceId is not null, "there");
        return watched;
    }

    /// <summary>An agent's page; started is not yet listening: a busy machine may take a moment.</summary>
    public static async Task<string> ReachesAsync(string address)
    {
        var page = "";
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    page = await GetAsync(address);
                    return true;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            $"an answer of {address}",
            Token);
        return page;
    }

    public async ValueTask DisposeAsync()
    {
        await Watch.DisposeAsync();
        foreach (var service in _services)
        {
            await node.RemoveAsync(service);
        }
    }

    private static async Task<string> GetAsync(string address)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        return await client.GetStringAsync(
            new Uri(string.Create(CultureInfo.InvariantCulture, $"http://{address}:{SwarmMachine.Port}/")), Token);
    }
}
