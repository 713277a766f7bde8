using Drover.Runtime.Docker;
using Drover.Runtime.Docker.Networks;

namespace Drover.Gateway.Swarm;

/// <summary>Asks an engine, a manager of a Swarm, what the gateway wants to know: few questions, each for
/// all.</summary>
/// <param name="docker">The engine.</param>
/// <param name="network">The network that the user chose; null: none.</param>
/// <param name="ownContainer">The container that this process runs in; null: none.</param>
internal sealed class SwarmClient(DockerClient docker, string? network, string? ownContainer)
{
    /// <summary>Asks for everything.</summary>
    public async Task<SwarmListing> AllAsync(long asked, CancellationToken cancellationToken)
    {
        var place = await PlaceAsync(cancellationToken);
        var services = docker.Services.ListAsync(filters: null, status: false, cancellationToken);
        var tasks = docker.Tasks.ListAsync(filters: null, cancellationToken);
        var containers = docker.Containers.ListAsync(
            all: false, DockerFilters.Where("label", SwarmPicture.TaskIdLabel), size: false, cancellationToken);
        var bridge = place.UsesBridge ? BridgeAsync(cancellationToken) : null;
        await Task.WhenAll(services, tasks, containers, bridge ?? Task.CompletedTask);
        return new SwarmListing
        {
            Asked = asked,
            Place = place,
            Services = await services,
            Tasks = await tasks,
            Containers =
            [
                .. from container in await containers
                   where container.Labels.ContainsKey(SwarmPicture.TaskIdLabel)
                   select new ContainerFact(container.Labels[SwarmPicture.TaskIdLabel], container.Id)
                   {
                       HasStarted = true,
                       IsPaused = container.State is "paused",
                   }
            ],
            Bridge = bridge is null ? null : await bridge,
        };
    }

    /// <summary>Asks for the tasks of some services, by id.</summary>
    /// <param name="asked">The moment of the picture.</param>
    /// <param name="tasks">Whose tasks.</param>
    /// <param name="services">Which services themselves, too.</param>
    /// <param name="bridge">True: the addresses on this node's bridge, too.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<IReadOnlyList<SwarmListing>> SomeAsync(
        long asked,
        IReadOnlySet<string> tasks,
        IReadOnlySet<string> services,
        bool bridge,
        CancellationToken cancellationToken)
    {
        var servicesAnswer = services.Count > 0
            ? docker.Services.ListAsync(AnyOf("id", services), status: false, cancellationToken)
            : null;
        var tasksAnswer = tasks.Count > 0
            ? docker.Tasks.ListAsync(AnyOf("service", tasks), cancellationToken)
            : null;
        var bridgeAnswer = bridge ? BridgeAsync(cancellationToken) : null;
        await Task.WhenAll(
            servicesAnswer ?? Task.CompletedTask,
            tasksAnswer ?? Task.CompletedTask,
            bridgeAnswer ?? Task.CompletedTask);
        return
        [
            new SwarmListing
            {
                Asked = asked,
                Only = services,
                Services = servicesAnswer is null ? null : await servicesAnswer,
            },
            new SwarmListing
            {
                Asked = asked,
                Only = tasks,
                Tasks = tasksAnswer is null ? null : await tasksAnswer,
                Bridge = bridgeAnswer is null ? null : await bridgeAnswer,
            },
        ];
    }

    private async Task<GatewayPlace> PlaceAsync(CancellationToken cancellationToken)
    {
        var facts = await docker.System.InfoAsync(cancellationToken);
        return new GatewayPlace
        {
            NodeId = facts.Swarm.NodeId,
            Chosen = network,
            Networks = network is null ? await OwnNetworksAsync(cancellationToken) : null,
        };
    }

    private async Task<IReadOnlySet<string>?> OwnNetworksAsync(CancellationToken cancellationToken)
    {
        if (ownContainer is null)
        {
            return null;
        }

        try
        {
            var own = await docker.Containers.InspectAsync(ownContainer, cancellationToken);
            return own.NetworkSettings.Networks.ContainsKey("host")
                ? null
                : own.NetworkSettings.Networks.Values.Select(endpoint => endpoint.NetworkId ?? "").ToHashSet();
        }
        catch (DockerApiException error) when (error.IsNotFound)
        {
            // A container of another engine, as on a machine that is one itself.
            return null;
        }
    }

    private async Task<IReadOnlyDictionary<string, string>> BridgeAsync(CancellationToken cancellationToken)
    {
        try
        {
            var bridge = await docker.Networks.InspectAsync(GatewayPlace.Bridge, cancellationToken);
            return bridge.Containers
                .Where(each => each.Value.Ipv4Address.Length > 0)
                .ToDictionary(each => each.Key, each => Address(each.Value));
        }
        catch (DockerApiException error) when (error.IsNotFound)
        {
            return new Dictionary<string, string>();
        }
    }

    private static string Address(NetworkMember member) => member.Ipv4Address.Split('/')[0];

    private static DockerFilters AnyOf(string name, IReadOnlySet<string> values) =>
        values.Skip(1).Aggregate(DockerFilters.Where(name, values.First()), (all, value) => all.And(name, value));
}
