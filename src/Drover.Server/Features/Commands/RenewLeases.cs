using Drover.Runtime.Storage;
using Drover.Server.Features.Access;
using Drover.Server.Features.Hosts;
using Drover.Server.Hosting;
using Drover.Wire;
using Drover.Wire.Commands;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Drover.Server.Features.Commands;

/// <summary>Keeps the leases of commands in hand, notes which began, and says which the host has lost.</summary>
internal sealed class RenewLeases(Database database, ServerOptions options, TimeProvider time)
{
    private const int MostCommands = 500;

    public static async Task<Results<Ok<RenewResponse>, Problem>> Handle(HttpContext context, RenewLeases leases)
    {
        var agent = context.Agent();
        var request = AgentBody.Read(agent.Body, WireJson.Default.RenewRequest);
        AgentBody.Required(request.CommandIds, "command_ids");
        if (request.CommandIds.Count > MostCommands)
        {
            return Problem.InvalidRequest($"cannot renew: there are more than {MostCommands} commands in one request");
        }

        return TypedResults.Ok(new RenewResponse(await leases.RenewAsync(agent.Host, request)));
    }

    private Task<List<string>> RenewAsync(EnrolledHost host, RenewRequest request) => database.WriteAsync(
        session =>
        {
            var now = time.GetUtcNow();
            foreach (var commandId in request.Executing ?? [])
            {
                CommandStore.Begin(session, commandId, host.HostId, now);
            }

            return request.CommandIds
                .Where(commandId => !CommandStore.Renew(session, commandId, host.HostId, now + options.CommandLease))
                .ToList();
        },
        CancellationToken.None);
}
