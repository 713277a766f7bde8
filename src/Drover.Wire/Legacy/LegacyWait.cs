using System.Text.Json;

namespace Drover.Wire.Legacy;

/// <summary>
/// Answer of <see cref="Routes.CommandWait"/> in the older protocol: always 200, every field written, empty ones as
/// null.
/// </summary>
/// <param name="Message"><c>Command available</c> or <c>No command available</c>.</param>
/// <param name="Item">The command, given out once and for all; or null.</param>
/// <param name="Meta">Pacing.</param>
public sealed record LegacyWaitResponse(string Message, LegacyCommandDto? Item, LegacyWaitMeta Meta);

/// <summary>What comes with every answer of a wait.</summary>
/// <param name="NextPollSecs">Seconds to pause before the next wait when there was no item; 0 is at once.</param>
public sealed record LegacyWaitMeta(int NextPollSecs);

/// <summary>A command as an agent of the older protocol gets it.</summary>
/// <param name="Id">UUID.</param>
/// <param name="CommandId">What the report names.</param>
/// <param name="DeploymentHash">The host's opaque id.</param>
/// <param name="Type">What to do.</param>
/// <param name="Status"><see cref="Sent"/>.</param>
/// <param name="Priority"><c>low</c>, <c>normal</c>, <c>high</c> or <c>critical</c>.</param>
/// <param name="Parameters">Object by type, or null.</param>
/// <param name="Result">Null until reported.</param>
/// <param name="Error">Null until reported.</param>
/// <param name="CreatedBy">Who ordered it.</param>
/// <param name="CreatedAt">RFC 3339 UTC.</param>
/// <param name="UpdatedAt">RFC 3339 UTC.</param>
/// <param name="TimeoutSeconds">Longest execution; agents of the older protocol do not keep it.</param>
/// <param name="Metadata">Free, or null.</param>
public sealed record LegacyCommandDto(
    string Id,
    string CommandId,
    string DeploymentHash,
    string Type,
    string Status,
    string Priority,
    JsonElement? Parameters,
    JsonElement? Result,
    JsonElement? Error,
    string CreatedBy,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    int TimeoutSeconds,
    JsonElement? Metadata)
{
    /// <summary>The one status a delivered command has.</summary>
    public const string Sent = "sent";
}
