using Drover.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Drover.Server.Features.Inventory;

/// <summary>The containers of every host: taken as changes, kept in memory, stored behind it.</summary>
internal static class InventoryFeature
{
    public static void AddInventory(this IServiceCollection services) => services.AddSingleton<ReceiveInventory>();

    public static void MapInventory(this IEndpointRouteBuilder routes)
    {
        routes.MapPost(Routes.Inventory, ReceiveInventory.Handle);
        routes.MapGet(Routes.Containers, ContainerEndpoints.List);
    }
}
