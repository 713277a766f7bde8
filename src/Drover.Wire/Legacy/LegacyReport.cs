using System.Text.Json;
using System.Text.Json.Serialization;

namespace Drover.Wire.Legacy;

/// <summary>
/// Body of <see cref="Routes.CommandReport"/> in the older protocol. Written in alphabetical order with <c>error</c>
/// always there, as its agents do.
/// </summary>
/// <param name="CommandId">Which command.</param>
/// <param name="CommandStatus">
/// <c>completed</c> or <c>failed</c>; outranks <paramref name="Status"/>. Only read, never sent.
/// </param>
/// <param name="CompletedAt">RFC 3339 UTC, whole seconds.</param>
/// <param name="DeploymentHash">Of the reporting host.</param>
/// <param name="Error">First sentence, or any JSON of an agent that is not ours; null when nothing went wrong.</param>
/// <param name="Errors">What went wrong: <c>{code, message, details?}</c> each, or any JSON.</param>
/// <param name="ExecutedBy">Which control plane.</param>
/// <param name="Result">By type.</param>
/// <param name="Status"><c>success</c>, <c>failed</c>; of other agents also <c>error</c>, <c>timeout</c>,
/// <c>killed</c>.</param>
public sealed record LegacyReportRequest(
    string? CommandId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? CommandStatus,
    string? CompletedAt,
    string? DeploymentHash,
    JsonElement? Error,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<JsonElement>? Errors,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ExecutedBy,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] JsonElement? Result,
    string? Status);

/// <summary>Body of <see cref="Routes.AppStatus"/> in the older protocol.</summary>
/// <param name="AppCode">Which app.</param>
/// <param name="DeploymentHash">Of the host.</param>
/// <param name="Logs">After a logs command: <c>ts [stream] message</c> each; else empty.</param>
/// <param name="Status"><c>running</c>, <c>stopped</c> or <c>error</c>.</param>
/// <param name="Timestamp">RFC 3339 UTC, whole seconds.</param>
public sealed record LegacyAppStatusRequest(
    string AppCode, string DeploymentHash, IReadOnlyList<string> Logs, string Status, string Timestamp);

/// <summary>Every error answer of the older protocol.</summary>
/// <param name="Message">A sentence.</param>
public sealed record LegacyMessage(string? Message);
