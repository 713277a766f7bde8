using Drover.Core.Events;
using Drover.Runtime.Events;
using Drover.Server.Features.Commands;
using Drover.Server.Features.Events;
using Drover.Server.Features.Hosts;
using Drover.Server.Features.Inventory;
using Drover.Wire;
using Drover.Wire.Commands;
using static Drover.Server.Features.Description.Parameters;
using static Drover.Wire.WireJson;

namespace Drover.Server.Features.Description;

/// <summary>What people and tools call to look at hosts and to act on them.</summary>
internal static class PeopleOperations
{
    private const string AHost = "Id or name of the host.";
    private const string ACommand = "Id of the command, with or without its prefix.";

    private static readonly ApiParameter OneHost = Text("host", "Id or name of a host; absent: all hosts.");

    public static readonly IReadOnlyList<ApiOperation> All =
    [
        new("GET", Routes.Hosts, "hosts", "listHosts", "Hosts by name.")
        {
            Query =
            [
                Text("after", NextPage),
                Number("limit", HostEndpoints.LargestPage, HostEndpoints.DefaultPage),
                OneOf("state", "Hosts in that state only.", HostView.States),
            ],
            Answers = [new(200, "A page.", Default.PageHostDto)],
        },
        new("GET", Routes.Hosts + "/{host}", "hosts", "getHost", "One host.")
        {
            Place = AHost,
            Answers = [new(200, "The host.", Default.HostDto)],
            Problems = [Problems.NotFound],
        },
        new(
            "DELETE",
            Routes.Hosts + "/{host}",
            "hosts",
            "removeHost",
            "Takes a host out of the fleet; its agent must enroll anew to come back.")
        {
            Place = AHost,
            Answers = [new(204, "It is out.")],
            Problems = [Problems.NotFound],
        },
        new(
            "POST",
            Routes.HostRevocation,
            "hosts",
            "revokeHost",
            "Refuses a host from now on; it stays in the list as `revoked`.")
        {
            Place = AHost,
            Answers = [new(200, "The host as it is now.", Default.HostDto)],
            Problems = [Problems.NotFound],
        },
        new(
            "POST",
            Routes.HostKeyRotation,
            "hosts",
            "rotateHostKey",
            "Orders a host to make a new key; it takes it with its next heartbeat.")
        {
            Place = AHost,
            Answers = [new(200, "The host as it is now.", Default.HostDto)],
            Problems = [Problems.NotFound, Problems.Conflict],
        },
        new(
            "POST",
            Routes.HostLegacy,
            "hosts",
            "setHostLegacy",
            "Lets a host sign as the older agent protocol does, or no longer.")
        {
            Place = AHost,
            Body = Default.SetLegacyRequest,
            Answers = [new(200, "The host as it is now.", Default.HostDto)],
            Problems = [Problems.NotFound],
        },
        new(
            "GET",
            Routes.Containers,
            "containers",
            "listContainers",
            "Containers of all hosts or one, by host, app code and id.")
        {
            Query =
            [
                Text("after", NextPage),
                Number("limit", ContainerEndpoints.LargestPage, ContainerEndpoints.DefaultPage),
                OneHost,
                Text("app_code", "Containers with that app code only."),
                Texts("state", "Containers in one of these states of the engine only."),
                Texts("health", "Containers with one of these healths only."),
            ],
            Answers = [new(200, "A page.", Default.PageHostContainerDto)],
            Problems = [Problems.NotFound],
        },
        new(
            "GET",
            Routes.Commands,
            "commands",
            "listCommands",
            "Queue and history without results, the newest first.")
        {
            Query =
            [
                Text("after", NextPage),
                Number("limit", CommandEndpoints.LargestPage, CommandEndpoints.DefaultPage),
                OneHost,
                Texts("state", "Commands in one of these states only.", CommandStates.All),
                OneOf("type", "Commands of that type only.", CommandTypes.All),
                Text("app_code", "Commands for that app only."),
            ],
            Answers = [new(200, "A page.", Default.PageCommandDto)],
            Problems = [Problems.NotFound],
        },
        new(
            "POST",
            Routes.Commands,
            "commands",
            "orderCommand",
            "Orders a command. What changes a host (restart, start, stop) asks for the role operator.")
        {
            Body = Default.OrderRequest,
            Answers = [new(202, "It is stored and will be carried out once.", Default.CommandDto)],
            Problems =
            [
                Problems.NotFound, Problems.AppUnknown, Problems.AppAmbiguous, Problems.HostAmbiguous,
                Problems.Conflict, Problems.PolicyDenied,
            ],
        },
        new("GET", Routes.Commands + "/{id}", "commands", "getCommand", "One command with its result.")
        {
            Place = ACommand,
            Query =
            [
                new("wait", "Seconds to wait for its end before it is answered as it stands; absent: none.")
                {
                    Range = (0, CommandEndpoints.LongestWait),
                },
            ],
            Answers = [new(200, "The command.", Default.CommandDto)],
            Problems = [Problems.NotFound],
        },
        new(
            "POST",
            Routes.Commands + "/{id}/cancel",
            "commands",
            "cancelCommand",
            "Takes back a command that no host has taken.")
        {
            Place = ACommand,
            Answers = [new(200, "It is cancelled.", Default.CommandDto)],
            Problems = [Problems.NotFound, Problems.Conflict],
        },
        new(
            "GET",
            Routes.LogStream,
            "logs",
            "followLog",
            "Follows one container's log while it is written.")
        {
            Query =
            [
                Text("app", "App code of the container.") with { IsRequired = true },
                Text("host", "Id or name of its host, where the app code alone is not one container."),
                Text("container", "Its name or id, where the app code alone is not one container."),
                Text("since", "RFC 3339 time to begin at."),
                new("tail", "Lines to begin with; absent: 100, or all since `since`.") { Range = (0, 10_000) },
                Texts("stream", "Absent: both.", ["stdout", "stderr"]),
                Text("cursor", "Go on after this cursor of an earlier line."),
                LastEventId,
            ],
            Answers =
            [
                new(200, "A stream.", Text: new(
                    ServerSentEvents.ContentType,
                    "Events `line` (id is the cursor, data a FollowLine), `end` (data a FollowLine with `end`) or "
                        + "`problem` (data a Problem).")),
            ],
            Problems =
            [
                Problems.AppUnknown, Problems.AppAmbiguous, Problems.HostAmbiguous, Problems.Conflict,
                Problems.PolicyDenied, Problems.HostUnavailable,
            ],
        },
        new(
            "GET",
            Routes.Events,
            "events",
            "listEvents",
            "Stored events, oldest first after a cursor; without one, the newest page.")
        {
            Query =
            [
                Text("after", NextPage),
                Number("limit", EventEndpoints.LargestPage, EventEndpoints.DefaultPage),
                .. EventFilters(),
            ],
            Answers = [new(200, "A page.", Default.PageEventDto)],
            Problems = [Problems.NotFound],
        },
        new("GET", Routes.EventStream, "events", "followEvents", "Events as they happen.")
        {
            Query =
            [
                Text("after", "Id of an event to begin after; absent: from now on."), .. EventFilters(), LastEventId,
            ],
            Answers =
            [
                new(200, "A stream.", Text: new(
                    ServerSentEvents.ContentType,
                    "Each event's name is its type, its id resumes after it, and its data is an Event. Comments and "
                        + "bare ids are signs of life.")),
            ],
            Problems = [Problems.NotFound],
        },
    ];

    private static ApiParameter[] EventFilters() =>
    [
        Texts(
            "type",
            "Events of these types only; `container.*` is all that begin so.",
            [.. EventTypes.All.Select(type => type.Name)],
            isOpen: true),
        Texts("severity", "Events of these severities only.", ["info", "warning", "error"]),
        OneHost,
    ];
}
