using System.Text.Json;
using Drover.Wire;
using Drover.Wire.Commands;

namespace Drover.Server.Features.Commands;

/// <summary>A row of the table <c>commands</c>.</summary>
internal sealed record CommandRow
{
    public required string CommandId { get; init; }

    /// <summary>Place in the order of acceptance.</summary>
    public required long Number { get; init; }

    public required string HostId { get; init; }

    public required string HostName { get; init; }

    public required string DeploymentHash { get; init; }

    public required string Type { get; init; }

    public string? AppCode { get; init; }

    public required string State { get; init; }

    /// <summary>0 is critical, 3 is low.</summary>
    public required long Urgency { get; init; }

    public string? Parameters { get; init; }

    public string? Reason { get; init; }

    public string? RequestId { get; init; }

    /// <summary>
    /// What was asked with <see cref="RequestId"/> and by whom, so that another order is not taken for it.
    /// </summary>
    public string? RequestDigest { get; init; }

    public required int TimeoutSeconds { get; init; }

    public required string CreatedBy { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When a command that still waits for its host is given up.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    public int Attempts { get; init; }

    /// <summary>In a host's hand: when it is given out again; null: never.</summary>
    public DateTimeOffset? LeaseUntil { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? CompletedAt { get; init; }

    public string? Result { get; init; }

    public string? Error { get; init; }

    public string? Errors { get; init; }

    public string? ExecutedBy { get; init; }

    public bool IsFinal => CommandStates.IsFinal(State);

    /// <summary>
    /// True while a report of its host would still say something new: before the end, and after an end that was only
    /// the server's assumption about a command the host once held.
    /// </summary>
    public bool AwaitsReport => !IsFinal || (State is CommandStates.Cancelled or CommandStates.Expired && Attempts > 0);

    /// <summary>As the host agent gets it.</summary>
    public CommandDto ToAgent() => new(
        CommandId[CommandIds.Prefix.Length..],
        CommandId,
        DeploymentHash,
        Type,
        State,
        CommandIds.PriorityOf(Urgency),
        Json(Parameters),
        Json(Result),
        Error,
        CreatedBy,
        CreatedAt,
        UpdatedAt,
        TimeoutSeconds,
        Metadata());

    /// <summary>As people see it.</summary>
    public CommandDto ToPeople() => ToAgent() with
    {
        HostId = HostId,
        HostName = HostName,
        AppCode = AppCode,
        StartedAt = StartedAt,
        CompletedAt = CompletedAt,
        ExecutedBy = ExecutedBy,
        Errors =
            Errors is null ? null : JsonSerializer.Deserialize(Errors, WireJson.Default.IReadOnlyListCommandErrorDto),
        Attempts = Attempts,
    };

    private static JsonElement? Json(string? text) =>
        text is null ? null : JsonSerializer.Deserialize(text, WireJson.Default.JsonElement);

    private Dictionary<string, string>? Metadata() => Reason is null ? null : new() { ["reason"] = Reason };
}

/// <summary>How commands are named and ordered.</summary>
internal static class CommandIds
{
    public const string Prefix = "cmd_";

    public static string New() => Prefix + Guid.NewGuid();

    public static long UrgencyOf(int ascendingPriority) => CommandPriorities.Ascending.Count - 1 - ascendingPriority;

    public static string PriorityOf(long urgency) =>
        CommandPriorities.Ascending[CommandPriorities.Ascending.Count - 1 - (int)urgency];
}
