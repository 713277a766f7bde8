using System.Text.Json;
using System.Text.Json.Nodes;
using Drover.Server.Features.Commands;
using Drover.Wire.Commands;
using Drover.Wire.Legacy;
using Microsoft.AspNetCore.Http;

namespace Drover.Server.Features.Legacy;

/// <summary>Writes a delivered command as an agent of the older protocol reads it.</summary>
internal static class LegacyDelivery
{
    public static IResult Answer(CommandRow? command, int pause) => TypedResults.Json(
        new LegacyWaitResponse(
            command is null ? LegacyTexts.NoCommandAvailable : LegacyTexts.CommandAvailable,
            command is null ? null : Of(command),
            new LegacyWaitMeta(pause)),
        LegacyJson.Default.LegacyWaitResponse);

    private static LegacyCommandDto Of(CommandRow command) => new(
        command.CommandId[CommandIds.Prefix.Length..],
        command.CommandId,
        command.DeploymentHash,
        command.Type,
        LegacyCommandDto.Sent,
        CommandIds.PriorityOf(command.Urgency),
        Parameters(command),
        null,
        null,
        command.CreatedBy,
        command.CreatedAt,
        command.UpdatedAt,
        command.TimeoutSeconds,
        null);

    /// <summary>
    /// Ours, and beside them the names the older agent has for the same: how long a stop waits, and that secrets are to
    /// be taken out, which nobody can switch off here.
    /// </summary>
    private static JsonElement Parameters(CommandRow command)
    {
        var parameters = command.Parameters is { } text ? JsonNode.Parse(text)!.AsObject() : [];
        if (command.Type == CommandTypes.Logs)
        {
            parameters["redact"] = true;
        }
        else if (parameters["stop_timeout"] is { } stopTimeout)
        {
            parameters["timeout"] = stopTimeout.DeepClone();
        }

        using var document = JsonDocument.Parse(parameters.ToJsonString());
        return document.RootElement.Clone();
    }
}
