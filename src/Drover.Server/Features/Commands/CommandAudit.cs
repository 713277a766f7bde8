namespace Drover.Server.Features.Commands;

/// <summary>What the audit learns of commands beside their id.</summary>
internal static class CommandAudit
{
    public static (string Name, string? Value)[] DetailsOf(CommandRow row) =>
        [("type", row.Type), ("app", row.AppCode), ("host", row.HostName), ("reason", row.Reason)];
}
