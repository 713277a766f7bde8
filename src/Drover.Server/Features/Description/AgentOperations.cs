using Drover.Wire;
using Drover.Wire.Commands;
using Drover.Wire.Legacy;
using static Drover.Server.Features.Description.Parameters;
using static Drover.Wire.WireJson;

namespace Drover.Server.Features.Description;

/// <summary>What host agents call.</summary>
internal static class AgentOperations
{
    private const string Agent = "host agent";
    private const string Older = "older agents";

    public static readonly IReadOnlyList<ApiOperation> All =
    [
        new("POST", Routes.Enroll, Agent, "enroll", "Lets a host join with a one-time token.")
        {
            Body = Default.EnrollRequest,
            Answers =
            [
                new(200, "It joined; the same token and key again give the same answer.", Default.EnrollResponse),
            ],
            Problems = [Problems.Unauthorized, Problems.Conflict],
        },
        new("POST", Routes.LegacyRegister, Older, "registerOlderAgent", "Gives an older agent its credentials.")
        {
            Body = LegacyJson.Default.LegacyRegisterRequest,
            Answers =
            [
                new(200, "The same credentials again.", LegacyJson.Default.LegacyRegisterResponse),
                new(201, "It joined.", LegacyJson.Default.LegacyRegisterResponse),
            ],
        },
        new(
            "POST",
            Routes.LegacyMarketplaceRegister,
            Older,
            "registerOlderAgentItself",
            "Gives an older agent that registers itself its credentials.")
        {
            Body = LegacyJson.Default.LegacyMarketplaceRequest,
            Answers = [new(200, "Its credentials.", LegacyJson.Default.LegacyMarketplaceResponse)],
        },
        new("POST", Routes.Heartbeat, Agent, "heartbeat", "Says that the host lives.")
        {
            Body = Default.HeartbeatRequest,
            Answers = [new(200, "It was noted.", Default.HeartbeatResponse)],
        },
        new("POST", Routes.AgentKey, Agent, "giveNewKey", "Gives the key that the host was ordered to make.")
        {
            Body = Default.NewKeyRequest,
            Answers = [new(200, "It is the host's key from the first request under it.", Default.NewKeyResponse)],
            Problems = [Problems.Conflict],
        },
        new("POST", Routes.Inventory, Agent, "sendInventory", "Tells the host's containers, whole or what changed.")
        {
            Body = Default.InventoryRequest,
            Answers = [new(200, "It is stored, or `resync` asks for the whole.", Default.InventoryResponse)],
        },
        new("POST", Routes.AgentEvents, Agent, "sendEvents", "Hands over events, in order.")
        {
            Body = Default.AgentEventsRequest,
            Answers = [new(200, "They are stored.", Default.AgentEventsResponse)],
            Problems = [Problems.Conflict],
        },
        new("GET", Routes.CommandWait, Agent, "waitForCommand", "Waits for one command.")
        {
            Place = "The host's deployment hash.",
            Query =
            [
                new("timeout", "Seconds to wait; absent: 30.") { Range = (1, 60) },
                OneOf(
                    "take",
                    "What the wait may bring; absent: all.",
                    [WaitScopes.All, WaitScopes.Looks, WaitScopes.Streams]),
                new("run", "Run of the agent, as in its heartbeats: one that was replaced is given nothing."),
            ],
            Answers = [new(200, "A command that is now leased to the host, or none.", Default.WaitResponse)],
        },
        new("POST", Routes.CommandReport, Agent, "reportCommand", "Tells the outcome of a command.")
        {
            Body = Default.ReportRequest,
            Answers = [new(200, "It is stored; again, it changes nothing.", Default.ReportResponse)],
            Problems = [Problems.NotFound],
        },
        new("POST", Routes.CommandRenew, Agent, "renewLeases", "Keeps the leases of commands in hand.")
        {
            Body = Default.RenewRequest,
            Answers = [new(200, "What is not, or no longer, the host's.", Default.RenewResponse)],
        },
        new("POST", Routes.AppStatus, Agent, "sendAppStatus", "Tells how an app is, after a command on it.")
        {
            Body = Default.AppStatusRequest,
            Answers = [new(204, "It was noted.")],
        },
        new("POST", Routes.AgentStream, Agent, "uploadLog", "Uploads a log that somebody follows.")
        {
            Place = "Id of the follow, as a wait gave it.",
            BodyText = new("application/x-ndjson", "A FollowLine a line, the last one with `end`."),
            Answers = [new(204, "The follow is over.")],
            Problems = [Problems.NotFound],
        },
    ];
}
