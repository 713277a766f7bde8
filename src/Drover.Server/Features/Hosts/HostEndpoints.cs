using Drover.Runtime.Requests;
using Drover.Server.Features.Access;
using Drover.Server.Hosting;
using Drover.Wire.People;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Drover.Server.Features.Hosts;

/// <summary>What people and tools ask of hosts.</summary>
internal static class HostEndpoints
{
    public const int DefaultPage = 200;
    public const int LargestPage = 1000;

    /// <summary>Hosts by name.</summary>
    public static Results<Ok<Page<HostDto>>, Problem> List(HttpContext context, HostRegistry hosts)
    {
        var query = new QueryReader(context, "after", "limit", "state");
        var limit = query.Number("limit", 1, LargestPage) ?? DefaultPage;
        var state = query.OneOf("state", HostView.States);
        var after = query.Text("after");
        var page = hosts.All
            .Where(host => after is null || string.CompareOrdinal(host.Name, after) > 0)
            .Select(HostView.Of)
            .Where(host => state is null || host.State == state)
            .Take(limit + 1)
            .ToList();
        var next = page.Count > limit ? page[limit - 1].Name : null;
        return TypedResults.Ok(new Page<HostDto>([.. page.Take(limit)], next));
    }

    /// <summary>One host by id or name.</summary>
    public static Results<Ok<HostDto>, Problem> Get(string host, HostRegistry hosts) =>
        hosts.Find(host) is { } found
            ? TypedResults.Ok(HostView.Of(found))
            : Problem.NotFound($"There is no host \"{host}\".");

    /// <summary>Takes a host out of the fleet; its agent must enroll anew to come back.</summary>
    public static async Task<Results<NoContent, Problem>> Remove(
        string host, HttpContext context, HostRegistry hosts, RemoveHost remove, CancellationToken cancellationToken)
    {
        if (hosts.Find(host) is not { } found)
        {
            return Problem.NotFound($"There is no host \"{host}\".");
        }

        await remove.RemoveAsync(found, context.Person(), cancellationToken);
        return TypedResults.NoContent();
    }

    /// <summary>Refuses a host from now on; it stays in the list.</summary>
    public static async Task<Results<Ok<HostDto>, Problem>> Revoke(
        string host, HttpContext context, HostRegistry hosts, RevokeHost revoke, CancellationToken cancellationToken)
    {
        if (hosts.Find(host) is not { } found)
        {
            return Problem.NotFound($"There is no host \"{host}\".");
        }

        await revoke.RevokeAsync(found, context.Person(), cancellationToken);
        return TypedResults.Ok(HostView.Of(found));
    }

    /// <summary>Orders a host to make a new key; it takes it with its next heartbeat.</summary>
    public static async Task<Results<Ok<HostDto>, Problem>> RotateKey(
        string host, HttpContext context, HostRegistry hosts, RotateHostKey rotate, CancellationToken cancellationToken)
    {
        if (hosts.Find(host) is not { } found)
        {
            return Problem.NotFound($"There is no host \"{host}\".");
        }

        if (found.IsRevoked || found.IsLegacy)
        {
            return Problem.Conflict(found.IsRevoked
                ? $"cannot order a new key: host \"{found.Name}\" is revoked; remove it and let it enroll again"
                : $"cannot order a new key: the agent of host \"{found.Name}\" may speak the older protocol, which has "
                    + "no such order");
        }

        await rotate.OrderAsync(found, context.Person(), cancellationToken);
        return TypedResults.Ok(HostView.Of(found));
    }
}
