using System.Text.Json;
using Drover.Core.Audit;
using Drover.Core.Events;
using Drover.Runtime.Faults;
using Drover.Runtime.Storage;
using Drover.Server.Features.Access;
using Drover.Server.Features.Audit;
using Drover.Server.Features.Events;
using Drover.Server.Features.Hosts;
using Drover.Server.Hosting;
using Drover.Wire;
using Drover.Wire.Commands;
using Drover.Wire.People;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Drover.Server.Features.Commands;

/// <summary>
/// Accepts a person's order: finds the one host it is for, stores it, and wakes the host. The answer is only given when
/// the command is on the disk; the same <c>request_id</c> again gives the same command.
/// </summary>
internal sealed class OrderCommand(
    Database database,
    TargetResolver resolver,
    CommandNumbers numbers,
    EventLog events,
    AuditLog audit,
    DenialLog denials,
    RefusalAudit refusals,
    ServerOptions options,
    TimeProvider time)
{
    private const int DefaultTimeoutSeconds = 300;
    private const string DefaultPriority = "normal";

    private static readonly AccessRule Rule = AccessTable.Find("POST", Routes.Commands)!;

    public static async Task<Results<Accepted<CommandDto>, Problem>> Handle(HttpContext context, OrderCommand orders)
    {
        var request = await PeopleBody.ReadAsync<OrderRequest>(context);
        var (row, problem) = await orders.OrderAsync(request, context.Person(), context.RequestAborted);
        return row is null ? problem! : TypedResults.Accepted($"{Routes.Commands}/{row.CommandId}", row.ToPeople());
    }

    private async Task<(CommandRow? Row, Problem? Problem)> OrderAsync(
        OrderRequest request, Person person, CancellationToken cancellationToken)
    {
        var parameters = OrderCheck.Unwrap(request.Parameters);
        if (OrderCheck.Check(request, parameters) is { } invalid)
        {
            return (null, invalid);
        }

        if (CommandTypes.ChangesHost(request.Type) && person.Role < Role.Operator)
        {
            denials.Note($"{request.Type} needs operator", Rule, person.ToActor(), Wanted(request, parameters.AppCode));
            return (
                null,
                Problem.Forbidden(
                    $"{person.Name} has the role {Roles.NameOf(person.Role)}; {request.Type} needs operator."));
        }

        // Looked up first: the container of an order that was accepted may be gone when the order is repeated.
        if (request.RequestId is { } requestId
            && await database.ReadAsync(session => CommandStore.FindByRequest(session, requestId), cancellationToken)
                is { } known)
        {
            return Repeated(known, request);
        }

        var (host, appCode, problem) = Aim(request, parameters);
        if (host is null)
        {
            return (null, problem);
        }

        if (OrderCheck.CheckPolicy(host, request.Type, appCode) is { } refusal)
        {
            refusals.Note(
                AuditActions.CommandOrder,
                person.ToActor(),
                Wanted(request, appCode),
                $"the policy of host {host.Name}");
            return (null, refusal);
        }

        var stored =
            await StoreAsync(request, parameters with { AppCode = appCode ?? parameters.AppCode }, host, person);
        FaultPoint.Reach(FaultPoints.OrderStored);
        return stored.RequestId is null ? (stored, null) : Repeated(stored, request);
    }

    private static string Wanted(OrderRequest request, string? appCode) => $"{request.Type} {appCode}".TrimEnd();

    private static (CommandRow? Row, Problem? Problem) Repeated(CommandRow row, OrderRequest request) =>
        row.Type == request.Type
            ? (row, null)
            : (
                null,
                Problem.Conflict(
                    $"request_id \"{request.RequestId}\" was used for a {row.Type} before; take a new one"));

    private (EnrolledHost? Host, string? AppCode, Problem? Problem) Aim(
        OrderRequest request, CommandParameters parameters)
    {
        if (OrderCheck.IsForTheHost(request.Type, parameters.AppCode))
        {
            var (host, unknownHost) = resolver.Host(request.Host);
            return (host, request.Type == CommandTypes.Health ? OrderCheck.AllApps : null, unknownHost);
        }

        var (target, problem) = resolver.Container(parameters.AppCode!.Trim(), parameters.Container, request.Host);
        return (target?.Host, target?.Container.AppCode, problem);
    }

    private Task<CommandRow> StoreAsync(
        OrderRequest request, CommandParameters parameters, EnrolledHost host, Person person) => database.WriteAsync(
        session =>
        {
            if (request.RequestId is { } requestId && CommandStore.FindByRequest(session, requestId) is { } known)
            {
                return known;
            }

            var now = time.GetUtcNow();
            var priority = CommandPriorities.Ascending.ToList().IndexOf(request.Priority ?? DefaultPriority);
            var row = new CommandRow
            {
                CommandId = CommandIds.New(),
                Number = numbers.Next(),
                HostId = host.HostId,
                HostName = host.Name,
                DeploymentHash = host.Identity.DeploymentHash,
                Type = request.Type,
                AppCode = parameters.AppCode,
                State = CommandStates.Queued,
                Urgency = CommandIds.UrgencyOf(priority),
                Parameters = JsonSerializer.Serialize(parameters, WireJson.Default.CommandParameters),
                Reason = request.Reason,
                RequestId = request.RequestId,
                TimeoutSeconds = request.TimeoutSeconds ?? DefaultTimeoutSeconds,
                CreatedBy = person.Name,
                CreatedAt = now,
                UpdatedAt = now,
                ExpiresAt = now + options.CommandLife,
            };
            CommandStore.Insert(session, row);
            events.Append(session, CommandEvents.Of(EventTypes.CommandQueued, row, now));
            audit.Append(
                session,
                person.ToActor(),
                AuditActions.CommandOrder,
                row.CommandId,
                AuditOutcomes.Done,
                CommandAudit.DetailsOf(row));
            session.AfterCommit(() => HostQueue.Wake(host));
            return row;
        },
        CancellationToken.None);
}
