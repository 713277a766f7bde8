using System.Text.Json;

namespace Drover.Wire.Commands;

/// <summary>Answer of <see cref="Routes.CommandWait"/>, always 200.</summary>
/// <param name="Message"><c>Command available</c> or <c>No command available</c>.</param>
/// <param name="Item">The command that is now leased to the asking agent, or null.</param>
/// <param name="Meta">Pacing and log streams somebody wants.</param>
public sealed record WaitResponse(string Message, CommandDto? Item, WaitMeta Meta);

/// <summary>What comes with every answer of a wait.</summary>
/// <param name="NextPollSecs">Seconds to pause before the next wait when there was no item; 0 is at once.</param>
/// <param name="LeaseSecs">Seconds a lease holds unless renewed.</param>
/// <param name="Streams">Logs to follow and upload from now on; empty or null when there are none.</param>
public sealed record WaitMeta(int NextPollSecs, int LeaseSecs, IReadOnlyList<StreamRequestDto>? Streams);

/// <summary>A log somebody watches.</summary>
/// <param name="Id">128-bit one-use id of the upload.</param>
/// <param name="AppCode">Whose log.</param>
/// <param name="Container">A container's name or id where the app code alone is not one container.</param>
/// <param name="Since">Cursor to go on after, RFC 3339 time to begin at, or null.</param>
/// <param name="Tail">With no cursor: lines to begin with; null is all since <paramref name="Since"/>.</param>
/// <param name="Streams"><c>stdout</c>, <c>stderr</c>; null is both.</param>
public sealed record StreamRequestDto(
    string Id, string AppCode, string? Container, string? Since, int? Tail, IReadOnlyList<string>? Streams);

/// <summary>A command as it stands, toward agents and people alike.</summary>
/// <param name="Id">UUID.</param>
/// <param name="CommandId">What reports name: <c>cmd_</c> and a UUID.</param>
/// <param name="DeploymentHash">The host's opaque id.</param>
/// <param name="Type">One of <see cref="CommandTypes"/>.</param>
/// <param name="Status">One of <see cref="CommandStates"/>.</param>
/// <param name="Priority">One of <see cref="CommandPriorities"/>.</param>
/// <param name="Parameters">Object by type; always has <c>app_code</c> where the type works on an app.</param>
/// <param name="Result">What the host reported, by type.</param>
/// <param name="Error">First sentence for people, or null.</param>
/// <param name="CreatedBy">Who ordered it.</param>
/// <param name="CreatedAt">RFC 3339 UTC.</param>
/// <param name="UpdatedAt">Last change of <paramref name="Status"/>.</param>
/// <param name="TimeoutSeconds">Longest execution before the host cuts it short.</param>
/// <param name="Metadata">Free strings: <c>control_plane</c>, <c>reason</c>.</param>
public sealed record CommandDto(
    string Id,
    string CommandId,
    string DeploymentHash,
    string Type,
    string Status,
    string Priority,
    JsonElement? Parameters,
    JsonElement? Result,
    string? Error,
    string CreatedBy,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    int TimeoutSeconds,
    IReadOnlyDictionary<string, string>? Metadata)
{
    /// <summary>The host's id. People's API only.</summary>
    public string? HostId { get; init; }

    /// <summary>The host's name. People's API only.</summary>
    public string? HostName { get; init; }

    /// <summary>The app it works on, from its parameters. People's API only.</summary>
    public string? AppCode { get; init; }

    /// <summary>When the host began. People's API only.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it reached its final state. People's API only.</summary>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>See <see cref="ControlPlanes"/>. People's API only.</summary>
    public string? ExecutedBy { get; init; }

    /// <summary>What went wrong, in order. People's API only.</summary>
    public IReadOnlyList<CommandErrorDto>? Errors { get; init; }

    /// <summary>How often it was leased. People's API only.</summary>
    public int? Attempts { get; init; }
}

/// <summary>Body of <see cref="Routes.CommandReport"/>.</summary>
/// <param name="CommandId">Which command.</param>
/// <param name="DeploymentHash">Of the reporting host.</param>
/// <param name="Status"><see cref="Success"/> or <see cref="Failed"/>.</param>
/// <param name="CompletedAt">RFC 3339 UTC.</param>
/// <param name="StartedAt">RFC 3339 UTC; null when it never began.</param>
/// <param name="Result">By type; present on every path, failures too.</param>
/// <param name="Error">First sentence for people, or null.</param>
/// <param name="Errors">What went wrong, in order; null when nothing did.</param>
/// <param name="ExecutedBy">See <see cref="ControlPlanes"/>.</param>
public sealed record ReportRequest(
    string CommandId,
    string DeploymentHash,
    string Status,
    DateTimeOffset CompletedAt,
    DateTimeOffset? StartedAt,
    JsonElement? Result,
    string? Error,
    IReadOnlyList<CommandErrorDto>? Errors,
    string ExecutedBy)
{
    /// <summary>It did what was ordered.</summary>
    public const string Success = "success";

    /// <summary>It did not; <see cref="Errors"/> says why.</summary>
    public const string Failed = "failed";
}

/// <summary>One thing that went wrong.</summary>
/// <param name="Code">One of <see cref="CommandErrors"/>.</param>
/// <param name="Message">A sentence: <c>cannot ...: why</c>.</param>
/// <param name="Details">Free strings: candidates, exit codes.</param>
public sealed record CommandErrorDto(string Code, string Message, IReadOnlyDictionary<string, string>? Details = null);

/// <summary>Answer of <see cref="Routes.CommandReport"/>.</summary>
/// <param name="Message"><c>Result accepted</c>.</param>
/// <param name="Item">Whether it counted.</param>
public sealed record ReportResponse(string Message, ReportAccepted Item);

/// <summary>Whether a report counted.</summary>
/// <param name="Accepted">True also for a repeated report, which changes nothing.</param>
/// <param name="Message">The command's state afterwards.</param>
public sealed record ReportAccepted(bool Accepted, string Message);

/// <summary>Body of <see cref="Routes.CommandRenew"/>, every 20 s and once when an execution begins.</summary>
/// <param name="CommandIds">All commands the agent holds.</param>
/// <param name="Executing">Those of them that have begun.</param>
public sealed record RenewRequest(IReadOnlyList<string> CommandIds, IReadOnlyList<string>? Executing = null);

/// <summary>Answer of <see cref="Routes.CommandRenew"/>.</summary>
/// <param name="Lost">Commands that are not (any longer) leased to this agent: do not begin them.</param>
public sealed record RenewResponse(IReadOnlyList<string> Lost);

/// <summary>Body of <see cref="Routes.AppStatus"/>.</summary>
/// <param name="DeploymentHash">Of the host.</param>
/// <param name="AppCode">Which app.</param>
/// <param name="Status"><c>running</c>, <c>stopped</c> or <c>error</c>.</param>
/// <param name="Logs">After a logs command: <c>ts [stream] message</c> each; else empty.</param>
/// <param name="Timestamp">RFC 3339 UTC.</param>
public sealed record AppStatusRequest(
    string DeploymentHash, string AppCode, string Status, IReadOnlyList<string> Logs, DateTimeOffset Timestamp);
