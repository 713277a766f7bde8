using Drover.Runtime.Storage;
using Drover.Server.Features.Access;
using Drover.Server.Features.Legacy;
using Drover.Server.Hosting;
using Drover.Wire;
using Drover.Wire.Commands;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Drover.Server.Features.Commands;

/// <summary>Takes what a host says of an app after health, logs and restart; the last word is kept.</summary>
internal sealed class ReceiveAppStatus(Database database)
{
    private const int MostLines = 1000;
    private const int LongestAppCode = 500;

    public static async Task<Results<NoContent, Problem>> Handle(HttpContext context, ReceiveAppStatus statuses)
    {
        var agent = context.Agent();
        var status = AgentBody.Read(agent.Body, WireJson.Default.AppStatusRequest);
        if (status.DeploymentHash != agent.Host.Identity.DeploymentHash)
        {
            return Problem.InvalidRequest("cannot take the status: deployment_hash is another host's");
        }

        if (string.IsNullOrWhiteSpace(status.AppCode) || status.AppCode.Length > LongestAppCode)
        {
            return Problem.InvalidRequest("cannot take the status: app_code is missing or too long");
        }

        if (status.Status is not ("running" or "stopped" or "error"))
        {
            return Problem.InvalidRequest(
                $"cannot take the status: status \"{status.Status}\" is not running, stopped or error");
        }

        var logs = (status.Logs ?? []).TakeLast(MostLines).ToList();
        var kept = status with { Logs = agent.IsLegacy ? LegacyRedaction.OfLines(logs) : logs };
        await statuses.StoreAsync(agent.Host.HostId, kept);
        return TypedResults.NoContent();
    }

    private Task StoreAsync(string hostId, AppStatusRequest status) =>
        database.WriteAsync(session => AppStatusStore.Save(session, hostId, status), CancellationToken.None);
}
