using Drover.Gateway.Agents;
using Drover.Gateway.Answers;
using Drover.Runtime.Configuration;
using Drover.Runtime.Requests;
using Drover.Wire;
using Drover.Wire.Gateway;
using Drover.Wire.People;

namespace Drover.Gateway.Admin;

/// <summary>What operators read of agents.</summary>
internal static class AgentEndpoints
{
    public static Task ListAsync(AdminCall call)
    {
        _ = new QueryReader(call.Context);
        return AdminAnswer.WriteAsync(call.Context, Page(call.Desk.Agents), WireJson.Default.PageGatewayAgentDto);
    }

    public static async Task InspectAsync(AdminCall call)
    {
        _ = new QueryReader(call.Context);
        if (Find(call) is not { } seat)
        {
            await Missing(call).WriteAsync(call.Context);
            return;
        }

        var swarm = await ServiceListing.OfAsync(
            seat, call.Desk.Watch, call.Desk.Time, call.Context.RequestAborted);
        await AdminAnswer.WriteAsync(
            call.Context,
            AgentListing.Detail(seat, call.Desk) with { Swarm = swarm },
            WireJson.Default.GatewayAgentDetailDto);
    }

    /// <summary>All agents in short.</summary>
    public static Page<GatewayAgentDto> Page(AgentSet agents) => new([.. agents.All.Select(AgentListing.Short)], null);

    /// <summary>The agent that the path names.</summary>
    public static AgentSeat? Find(AdminCall call) => call.Desk.Agents.Find(call.Value!);

    /// <summary>There is none of that name.</summary>
    public static GatewayProblem Missing(AdminCall call)
    {
        var near = NearestName.Of(call.Value!, call.Desk.Agents.All.Select(seat => seat.Name));
        return GatewayProblem.NotFound(
            $"cannot find the agent \"{call.Value}\": there is none of that name"
                + (near is null ? "" : $"; did you mean \"{near}\"?"));
    }
}
