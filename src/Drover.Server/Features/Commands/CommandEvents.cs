using Drover.Core.Events;
using Drover.Server.Features.Events;

namespace Drover.Server.Features.Commands;

/// <summary>What the event stream learns of commands.</summary>
internal static class CommandEvents
{
    public static EventDraft Of(EventType type, CommandRow row, DateTimeOffset at, string? by = null) =>
        new(type, at, row.AppCode ?? row.HostName)
        {
            HostId = row.HostId,
            Data = EventDraft.Fields(
                ("command_id", row.CommandId),
                ("type", row.Type),
                ("app_code", row.AppCode),
                ("by", by ?? row.CreatedBy),
                ("attempt", type == EventTypes.CommandLeased ? row.Attempts : null),
                ("duration_ms", Duration(row)),
                ("executed_by", row.ExecutedBy),
                ("error", row.Error)),
        };

    private static long? Duration(CommandRow row) =>
        row is { StartedAt: { } started, CompletedAt: { } completed }
            ? (long)(completed - started).TotalMilliseconds
            : null;
}
