using System.Globalization;
using System.Text;
using Drover.Wire;
using Drover.Wire.Commands;

namespace Drover.Reference;

/// <summary>docs/reference/errors.md: exit codes, the server's problems, and the codes of failed commands.</summary>
internal static class ErrorsPage
{
    /// <summary>Every problem of <see cref="Problems"/>; a test keeps it whole.</summary>
    internal static readonly IReadOnlyList<(string Name, string Status, string Meaning)> ServerProblems =
    [
        (Problems.InvalidRequest, "400", "The request cannot be understood; the detail names the field."),
        (
            Problems.Unauthorized,
            "401",
            "No or no valid credentials. One answer for every cause; the reason is in the server's log."),
        (Problems.Forbidden, "403", "The caller's role may not do this."),
        (
            Problems.PolicyDenied,
            "403",
            "The host's own policy (`host_agent.policy` in its drover.yaml) does not allow it."),
        (Problems.NotFound, "404", "There is no such thing; the detail names it."),
        (Problems.AppUnknown, "404", "No container answers to the app code."),
        (Problems.AppAmbiguous, "409", "Several containers answer to the app code; `candidates` names them."),
        (Problems.HostAmbiguous, "409", "Several hosts could be meant; `candidates` names them."),
        (Problems.Conflict, "409", "The thing is in a state in which this cannot be done."),
        (
            Problems.ReSign,
            "409",
            "The signature is right and its time is not: sign again with the time in `server_time`."),
        (Problems.TooSlow, "408", "The body did not arrive in time."),
        (
            Problems.TooLarge,
            "413, 414, 431",
            "The body is larger than the route takes, or the address or the headers are larger than any."),
        (Problems.TooManyRequests, "429", "Too many requests; `Retry-After` says when to come again."),
        (Problems.Internal, "500", "A defect of the server; its log has more."),
        (Problems.HostUnavailable, "503", "The host cannot do it now: it is offline, or its engine is down."),
        (Problems.NotReady, "503", "The server is stopping."),
        (
            Problems.StorageUnavailable,
            "503",
            "The server can store nothing now, for its disk is full or failing; nothing of the request took effect. It "
                + "works again by itself once the disk takes writes; host agents keep what they have until then."),
    ];

    /// <summary>Every answer of <see cref="GatewayProblems"/>; a test keeps it whole.</summary>
    internal static readonly IReadOnlyList<(string Name, string Status, string Meaning)> GatewayAnswers =
    [
        (GatewayProblems.UnknownHost, "404", "No agent answers to the hostname."),
        (
            GatewayProblems.AmbiguousRequest,
            "400",
            "Where the request ends can be read in two ways, or its body is not as its headers say."),
        (
            GatewayProblems.MethodNotForwarded,
            "405",
            "CONNECT and TRACE are not forwarded, and an agent's status path is only read."),
        (GatewayProblems.TooSlow, "408", "The body did not arrive in time."),
        (GatewayProblems.TooLarge, "413", "The body is larger than the agent's `max_body`."),
        (
            GatewayProblems.NotSupported,
            "501",
            "A transfer coding that is not `chunked` alone, or an extended CONNECT that is not for `websocket`."),
        (GatewayProblems.AgentUnreachable, "502", "No connection to the agent, or it ended before an answer."),
        (GatewayProblems.AgentAnswerInvalid, "502", "What the agent answered cannot be used."),
        (GatewayProblems.AgentTimeout, "504", "The agent did not take the connection, or not answer, in time."),
        (GatewayProblems.Internal, "500", "A defect of the gateway; its log has more."),
    ];

    /// <summary>Every code of <see cref="CommandErrors"/>; a test keeps it whole.</summary>
    internal static readonly IReadOnlyList<(string Code, string Meaning)> FailedCommands =
    [
        (CommandErrors.ContainerNotFound, "No container of this host has that app code, name or id."),
        (
            CommandErrors.ContainerAmbiguous,
            "Several containers answer to that app code; `details.candidates` names them."),
        (CommandErrors.DockerUnavailable, "The Docker Engine does not answer."),
        (CommandErrors.HealthUnavailable, "The container could not be inspected; its health is unknown."),
        (CommandErrors.LogFetchFailed, "The engine could not read the log."),
        (CommandErrors.RestartFailed, "The engine could not restart the container."),
        (CommandErrors.StartFailed, "The engine could not start the container."),
        (CommandErrors.StopFailed, "The engine could not stop the container."),
        (CommandErrors.ListFailed, "The engine could not list its containers."),
        (CommandErrors.InvalidParameters, "A parameter is missing or out of range; the message names it."),
        (CommandErrors.UnknownType, "This agent does not know the command type."),
        (CommandErrors.PolicyDenied, "The policy on the host does not allow it."),
        (CommandErrors.DeadlineExceeded, "It took longer than its `timeout_seconds`."),
        (CommandErrors.Interrupted, "The agent ended while it ran; what was done is not known."),
        (CommandErrors.Internal, "A defect of the agent; its log has more."),
    ];

    public static string Write()
    {
        var page = new StringBuilder();
        page.Append("# Errors\n\n").Append(ReferencePages.Generated).Append("\n\n");
        page.Append(
            "## Exit codes\n\nEvery verb ends with one of these; standard error says why, and what to do. `--debug` "
                + "adds stack traces.\n\n");
        page.Append("| code | meaning |\n|---|---|\n");
        foreach (var (code, meaning) in ExitCodes.All)
        {
            page.Append(CultureInfo.InvariantCulture, $"| {(int)code} | {meaning} |\n");
        }

        page.Append(
            "\n### Of the verbs of the supervisor\n\nWhat the codes mean there; 2, 8, 130 and 141 mean the same "
                + "everywhere.\n\n| verb | code | meaning |\n|---|---|---|\n");
        foreach (var (verb, code, meaning) in SupervisorExitCodes.All)
        {
            page.Append(CultureInfo.InvariantCulture, $"| `{verb}` | {(int)code} | {meaning} |\n");
        }

        page.Append(
            "\n### Of the verbs of the gateway\n\nThe same for `drover gateway`, which itself ends as `drover server` "
                + "does.\n\n| verb | code | meaning |\n|---|---|---|\n");
        foreach (var (verb, code, meaning) in GatewayExitCodes.All)
        {
            page.Append(CultureInfo.InvariantCulture, $"| `{verb}` | {(int)code} | {meaning} |\n");
        }

        page.Append(
            "\n## Problems of the server\n\nThe API refuses with `application/problem+json` (RFC 9457). `type` is "
                + "stable: `")
            .Append(Problems.Prefix).Append("` and a name.\n\n| name | status | meaning |\n|---|---|---|\n");
        foreach (var (name, status, meaning) in ServerProblems)
        {
            page.Append(CultureInfo.InvariantCulture, $"| `{name}` | {status} | {meaning} |\n");
        }

        page.Append(
            "\n## Answers of the gateway\n\nWhat it answers in the place of an agent, in the same form. They name the "
                + "agent, never its address. Its admin listener refuses with the names of the server's "
                + "table.\n\n| name | status | meaning |\n|---|---|---|\n");
        foreach (var (name, status, meaning) in GatewayAnswers)
        {
            page.Append(CultureInfo.InvariantCulture, $"| `{name}` | {status} | {meaning} |\n");
        }

        page.Append(
            "\n## Failed commands\n\nA command that failed has these in `errors[].code`, the first reason first.\n\n| "
                + "code | meaning |\n|---|---|\n");
        foreach (var (code, meaning) in FailedCommands)
        {
            page.Append(CultureInfo.InvariantCulture, $"| `{code}` | {meaning} |\n");
        }

        page.Append(
            "\n## Who executed a command\n\n`executed_by` of a command and of its events names the process on the host "
                + "that did it.\n\n| value | process |\n|---|---|\n");
        page.Append(CultureInfo.InvariantCulture, $"| `{ControlPlanes.StatusPanel}` | The host agent itself. |\n");
        page.Append(
            CultureInfo.InvariantCulture, $"| `{ControlPlanes.ComposeAgent}` | The compose agent beside it. |\n");
        return page.ToString();
    }
}
