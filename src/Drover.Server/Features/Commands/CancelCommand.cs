using Drover.Core.Audit;
using Drover.Core.Events;
using Drover.Runtime.Storage;
using Drover.Server.Features.Access;
using Drover.Server.Features.Audit;
using Drover.Server.Features.Events;
using Drover.Server.Features.Status;
using Drover.Server.Hosting;
using Drover.Wire.Commands;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Drover.Server.Features.Commands;

/// <summary>
/// Takes a command back before its host took it; afterwards there is only the host's own report. The commands of a host
/// that is removed are cancelled with it, for nobody will come for them.
/// </summary>
internal sealed class CancelCommand(
    Database database, EventLog events, AuditLog audit, CommandWatch watch, ServerMetrics metrics, TimeProvider time)
{
    public static async Task<Results<Ok<CommandDto>, Problem>> Handle(
        string id, HttpContext context, CancelCommand cancels)
    {
        var (row, cancelled) = await cancels.CancelAsync(id, context.Person());
        if (row is null)
        {
            return Problem.NotFound($"There is no command \"{id}\".");
        }

        return cancelled
            ? TypedResults.Ok(row.ToPeople())
            : Problem.Conflict($"cannot cancel \"{id}\": it is {row.State}; only a queued command can be taken back");
    }

    /// <summary>Cancels all that a host, which is being removed by the same write, has not ended.</summary>
    public void CancelAllOf(DbSession session, string hostId, Person by)
    {
        foreach (var row in CommandStore.UnfinishedOf(session, hostId))
        {
            Cancel(session, row.CommandId, $"its host was shut out by {by.Name}", by);
        }
    }

    private Task<(CommandRow? Row, bool Cancelled)> CancelAsync(string commandId, Person by) => database.WriteAsync(
        session =>
        {
            var row = CommandStore.Find(session, commandId);
            if (row is not { State: CommandStates.Queued })
            {
                return (row, row?.State == CommandStates.Cancelled);
            }

            return (Cancel(session, commandId, $"cancelled by {by.Name}", by), true);
        },
        CancellationToken.None);

    private CommandRow? Cancel(DbSession session, string commandId, string why, Person by)
    {
        var now = time.GetUtcNow();
        CommandStore.End(session, commandId, CommandStates.Cancelled, why, now);
        var ended = CommandStore.Find(session, commandId)!;
        events.Append(session, CommandEvents.Of(EventTypes.CommandCancelled, ended, now, by.Name));
        audit.Append(
            session,
            by.ToActor(),
            AuditActions.CommandCancel,
            commandId,
            AuditOutcomes.Done,
            CommandAudit.DetailsOf(ended));
        session.AfterCommit(() =>
        {
            metrics.CommandEnded(ended.Type, ended.State);
            watch.Ended(commandId);
        });
        return ended;
    }
}
