using System.Text.Json;
using Drover.Core.Audit;
using Drover.Core.Events;
using Drover.Core.Redaction;
using Drover.Runtime.Faults;
using Drover.Runtime.Storage;
using Drover.Server.Features.Access;
using Drover.Server.Features.Audit;
using Drover.Server.Features.Events;
using Drover.Server.Features.Hosts;
using Drover.Server.Features.Legacy;
using Drover.Server.Hosting;
using Drover.Wire;
using Drover.Wire.Commands;
using Drover.Wire.People;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Drover.Server.Features.Commands;

/// <summary>
/// Accepts a person's order: finds the one host it is for, stores it, and wakes the host. The answer is only given when
/// the command is on the disk; the same order with the same <c>request_id</c> again gives the same command. The host is
/// told the container's full id: what the server chose is what the host acts on, whatever moves meanwhile.
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
        request = request with { Parameters = parameters };
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

        var repeat = RequestKey.Of(request, person);

        // Looked up first: the container of an order that was accepted may be gone when the order is repeated.
        if (repeat is not null
            && await database.ReadAsync(session => CommandStore.FindByRequest(session, repeat.Id), cancellationToken)
                is { } known)
        {
            return Repeated(known, repeat);
        }

        var (host, aimed, problem) = Aim(request, parameters);
        if (host is null)
        {
            return (null, problem);
        }

        if (host.IsRevoked)
        {
            return (
                null,
                Problem.Conflict(
                    $"cannot {request.Type} on host \"{host.Name}\": its key was revoked, so it will not come for it"));
        }

        if (LegacyOrders.Objection(host, request.Type, aimed) is { } beyond)
        {
            return (null, beyond);
        }

        if (OrderCheck.CheckPolicy(host, request.Type, aimed.AppCode) is { } refusal)
        {
            refusals.Note(
                AuditActions.CommandOrder,
                person.ToActor(),
                Wanted(request, aimed.AppCode),
                $"the policy of host {host.Name}");
            return (null, refusal);
        }

        var stored = await StoreAsync(request, aimed, repeat, host, person);
        FaultPoint.Reach(FaultPoints.OrderStored);
        return stored switch
        {
            null => (null, Problem.NotFound($"There is no host \"{host.Name}\"; it was removed.")),
            _ when repeat is null => (stored, null),
            _ => Repeated(stored, repeat),
        };
    }

    private static string Wanted(OrderRequest request, string? appCode) => $"{request.Type} {appCode}".TrimEnd();

    private static (CommandRow? Row, Problem? Problem) Repeated(CommandRow row, RequestKey repeat) =>
        row.RequestDigest == repeat.Digest
            ? (row, null)
            : (
                null,
                Problem.Conflict($"request_id \"{repeat.Id}\" was used for another order before; take a new one"));

    private (EnrolledHost? Host, CommandParameters Parameters, Problem? Problem) Aim(
        OrderRequest request, CommandParameters parameters)
    {
        if (OrderCheck.IsForTheHost(request.Type, parameters.AppCode))
        {
            var (host, unknownHost) = resolver.Host(request.Host);
            var apps = request.Type == CommandTypes.Health ? OrderCheck.AllApps : null;
            return (host, parameters with { AppCode = apps, Container = null }, unknownHost);
        }

        if (LegacyOrders.HostWithoutInventory(resolver, request.Host) is { } older)
        {
            return (older, parameters, null);
        }

        var (target, problem) = resolver.Container(parameters.AppCode!, parameters.Container, request.Host);
        return target is null
            ? (null, parameters, problem)
            : (
                target.Host,
                parameters with { AppCode = target.Container.AppCode, Container = target.Container.DockerId },
                null);
    }

    /// <summary>
    /// The stored command, or the one stored before for the same request; null when the host is gone.
    /// </summary>
    private Task<CommandRow?> StoreAsync(
        OrderRequest request,
        CommandParameters parameters,
        RequestKey? repeat,
        EnrolledHost host,
        Person person) => database.WriteAsync(
        session =>
        {
            if (repeat is not null && CommandStore.FindByRequest(session, repeat.Id) is { } known)
            {
                return known;
            }

            if (HostStore.FindIdentity(session, host.HostId) is null)
            {
                return null;
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
                Reason = request.Reason is { } why ? SecretRedactor.Redact(why).Text : null,
                RequestId = repeat?.Id,
                RequestDigest = repeat?.Digest,
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
