using Drover.Runtime.Requests;
using Drover.Server.Features.Hosts;
using Drover.Server.Hosting;
using Drover.Wire.People;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Drover.Server.Features.Inventory;

/// <summary>What people and tools ask of containers.</summary>
internal static class ContainerEndpoints
{
    public const int DefaultPage = 1000;
    public const int LargestPage = 5000;

    /// <summary>Containers of all hosts or one, by host, app code and id.</summary>
    public static Results<Ok<Page<HostContainerDto>>, Problem> List(HttpContext context, HostRegistry hosts)
    {
        var query = new QueryReader(context, "after", "limit", "host", "app_code", "state", "health");
        var limit = query.Number("limit", 1, LargestPage) ?? DefaultPage;
        var (after, appCode) = (query.Text("after"), query.Text("app_code"));
        var (states, healths) = (query.Texts("state"), query.Texts("health"));
        var chosen = hosts.All;
        if (query.Text("host") is { } name)
        {
            if (hosts.Find(name) is not { } host)
            {
                return Problem.NotFound($"There is no host \"{name}\".");
            }

            chosen = [host];
        }

        var page = chosen
            .SelectMany(host => host.Inventory.Readable.Select(container => (Host: host, Container: container)))
            .Where(row => appCode is null || row.Container.AppCode == appCode)
            .Where(row => states.Count == 0 || states.Contains(row.Container.State))
            .Where(row => healths.Count == 0 || (row.Container.Health is { } health && healths.Contains(health)))
            .Select(
                row =>
                    (row.Host, row.Container, Key: $"{row.Host.Name}/{row.Container.AppCode}/{row.Container.DockerId}"))
            .Where(row => after is null || string.CompareOrdinal(row.Key, after) > 0)
            .OrderBy(row => row.Key, StringComparer.Ordinal)
            .Take(limit + 1)
            .ToList();
        var items = page.Take(limit).Select(row => View(row.Host, row.Container)).ToList();
        return TypedResults.Ok(new Page<HostContainerDto>(items, page.Count > limit ? page[limit - 1].Key : null));
    }

    private static HostContainerDto View(EnrolledHost host, ContainerEntry container) => new(
        host.HostId,
        host.Name,
        HostStates.NameOf(host.Sighting.Status.State),
        container.AppCode,
        host.InventoryConfirmedAt ?? host.Identity.EnrolledAt,
        container.ToDto());
}
