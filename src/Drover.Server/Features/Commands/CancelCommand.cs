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

/// <summary>Takes a command back before its host took it; afterwards there is only the host's own report.</summary>
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

    private Task<(CommandRow? Row, bool Cancelled)> CancelAsync(string commandId, Person by) => database.WriteAsync(
        session =>
        {
            var row = CommandStore.Find(session, commandId);
            if (row is not { State: CommandStates.Queued })
            {
                return (row, row?.State == CommandStates.Cancelled);
            }

            var now = time.GetUtcNow();
            CommandStore.End(session, commandId, CommandStates.Cancelled, $"cancelled by {by.Name}", now);
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
            return ((CommandRow?)ended, true);
        },
        CancellationToken.None);
}
