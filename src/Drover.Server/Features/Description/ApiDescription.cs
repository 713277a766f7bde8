using Drover.Core.Audit;
using Drover.Core.Events;
using Drover.Server.Features.Access;
using Drover.Server.Features.Hosts;
using Drover.Wire.Agents;
using Drover.Wire.Commands;
using Drover.Wire.People;

namespace Drover.Server.Features.Description;

/// <summary>
/// The API as docs/reference/openapi.json describes it: the access table's lines with what each takes and answers.
/// </summary>
public static class ApiDescription
{
    private static readonly string[] LogStreams = ["stdout", "stderr"];
    private static readonly string[] Severities = ["info", "warning", "error"];

    /// <summary>What operations are about, in the order of the document.</summary>
    public static readonly IReadOnlyList<(string Name, string Meaning)> Tags =
    [
        ("hosts", "Machines of the fleet."),
        ("containers", "What runs on them."),
        ("commands", "Orders to hosts, their queue and history."),
        ("logs", "Lines of containers."),
        ("events", "What happened."),
        ("tokens", "Who may call, and what lets a host join."),
        ("certificate", "What hosts know the server by."),
        ("audit", "Who did what."),
        ("server", "The server itself."),
        ("host agent", "What host agents send and take, every request signed. Not for people."),
        ("older agents", "How an agent of the older protocol joins. Their refusals are `{\"message\": \"...\"}`."),
    ];

    /// <summary>Every line of the access table, in its order.</summary>
    public static IReadOnlyList<ApiOperation> Operations { get; } =
        [.. AccessTable.Rules.Select(rule => Find(rule) with
        {
            Caller = rule.Who.ToString().ToLowerInvariant(),
            BodyLimit = rule.BodyLimit,
            Audits = rule.Audits?.Name,
        })];

    /// <summary>Fields of the wire whose values are a closed set, as <c>Type.field</c>.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> ClosedSets { get; } =
        new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal)
        {
            ["HostDto.state"] = HostView.States,
            ["HostDto.kind"] = [.. HostKinds.All.Select(kind => kind.Name)],
            ["HostContainerDto.host_state"] = HostView.States,
            ["CommandDto.type"] = CommandTypes.All,
            ["CommandDto.status"] = CommandStates.All,
            ["CommandDto.priority"] = CommandPriorities.Ascending,
            ["OrderRequest.type"] = CommandTypes.All,
            ["OrderRequest.priority"] = CommandPriorities.Ascending,
            ["EventDto.type"] = [.. EventTypes.All.Select(type => type.Name)],
            ["EventDto.severity"] = Severities,
            ["AgentEventDto.severity"] = Severities,
            ["CreateTokenRequest.role"] = Roles.Names,
            ["TokenDto.kind"] = ["api", "enrollment"],
            ["TokenDto.role"] = Roles.Names,
            ["WhoAmIDto.role"] = Roles.Names,
            ["WhoAmIDto.via"] = ["socket", "token"],
            ["CertificateDto.source"] = ["files", "self_made"],
            ["JoinDto.address_source"] =
            [
                JoinAddressSources.PublicUrl, JoinAddressSources.Given, JoinAddressSources.Listen,
                JoinAddressSources.Interface, JoinAddressSources.Loopback,
            ],
            ["AuditEntryDto.actor_kind"] = [.. AuditActorKinds.All.Select(kind => kind.Name)],
            ["AuditEntryDto.action"] = [.. AuditActions.All.Select(action => action.Name)],
            ["AuditEntryDto.outcome"] = [.. AuditOutcomes.All.Select(outcome => outcome.Name)],
            ["HeartbeatRequest.docker"] = [DockerStates.Up, DockerStates.Down, DockerStates.Hung],
            ["ReportRequest.status"] = [ReportRequest.Success, ReportRequest.Failed],
            ["LogLineDto.stream"] = LogStreams,
            ["FollowLineDto.stream"] = LogStreams,
        };

    private static ApiOperation Find(AccessRule rule) =>
        PeopleOperations.All.Concat(AdministrationOperations.All).Concat(AgentOperations.All)
            .FirstOrDefault(one => one.Method == rule.Method && one.Route == rule.Route)
        ?? throw new InvalidOperationException(
            $"{rule.Method} {rule.Route} is not described: add it to the operations in Features/Description.");
}
