using Drover.Core.Audit;
using Drover.Runtime.Metrics;
using Drover.Server.Features.Audit;
using Drover.Wire;
using static Drover.Server.Features.Description.Parameters;
using static Drover.Wire.WireJson;

namespace Drover.Server.Features.Description;

/// <summary>What people and tools call about the server itself: tokens, certificate, audit, how it is.</summary>
internal static class AdministrationOperations
{
    public static readonly IReadOnlyList<ApiOperation> All =
    [
        new("GET", Routes.Tokens, "tokens", "listTokens", "API tokens, the newest first, without their secrets.")
        {
            Answers = [new(200, "All of them; `next` is never there.", Default.PageTokenDto)],
        },
        new("POST", Routes.Tokens, "tokens", "createToken", "Makes an API token.")
        {
            Body = Default.CreateTokenRequest,
            Answers = [new(201, "The one answer that carries its secret.", Default.CreatedTokenDto)],
        },
        new("DELETE", Routes.Tokens + "/{id}", "tokens", "revokeToken", "Makes an API token open nothing any more.")
        {
            Place = "The token's id.",
            Answers = [new(204, "It is revoked.")],
            Problems = [Problems.NotFound],
        },
        new(
            "GET",
            Routes.EnrollmentTokens,
            "tokens",
            "listEnrollmentTokens",
            "Tokens that let hosts join, the newest first, without their secrets.")
        {
            Answers = [new(200, "All of them; `next` is never there.", Default.PageTokenDto)],
        },
        new("POST", Routes.EnrollmentTokens, "tokens", "createEnrollmentToken", "Makes a token that lets a host join.")
        {
            Body = Default.CreateEnrollmentTokenRequest,
            Answers = [new(201, "The one answer that carries its secret.", Default.CreatedTokenDto)],
            Problems = [Problems.Conflict],
        },
        new(
            "DELETE",
            Routes.EnrollmentTokens + "/{id}",
            "tokens",
            "revokeEnrollmentToken",
            "Makes an enrollment token let nobody join any more.")
        {
            Place = "The token's id.",
            Answers = [new(204, "It is revoked.")],
            Problems = [Problems.NotFound],
        },
        new(
            "GET",
            Routes.Certificate,
            "certificate",
            "getCertificate",
            "The certificate in use, and the one that follows with the hosts that know it.")
        {
            Answers = [new(200, "The certificate.", Default.CertificateDto)],
        },
        new(
            "POST",
            Routes.CertificateRotation,
            "certificate",
            "rotateCertificate",
            "Announces a new certificate to the hosts; it is used after a while.")
        {
            Body = Default.RotateCertificateRequest,
            Answers = [new(200, "It is announced.", Default.CertificateDto)],
            Problems = [Problems.Conflict],
        },
        new(
            "GET",
            Routes.Audit,
            "audit",
            "listAudit",
            "Entries of the audit, oldest first after a cursor; without one, the newest page.")
        {
            Query =
            [
                Text("after", NextPage),
                Number("limit", AuditEndpoints.LargestPage, AuditEndpoints.DefaultPage),
                Text("actor", "Entries of that actor's name only."),
                Texts(
                    "action",
                    "Entries of these actions only; `token.*` is all that begin so.",
                    [.. AuditActions.All.Select(action => action.Name)],
                    isOpen: true),
                Text("since", "RFC 3339 time; entries from then on only."),
            ],
            Answers = [new(200, "A page.", Default.PageAuditEntryDto)],
        },
        new("GET", Routes.WhoAmI, "server", "whoAmI", "Who the caller is and what the server is.")
        {
            Answers = [new(200, "The caller.", Default.WhoAmIDto)],
        },
        new("GET", Routes.OpenApi, "server", "getOpenApi", "This document.")
        {
            Answers = [new(200, "It.", Text: new("application/json", "An OpenAPI 3.1 document."))],
        },
        new("GET", Routes.Metrics, "server", "getMetrics", "What the server counts of itself.")
        {
            Answers =
            [
                new(200, "The metrics.", Text: new(
                    MetricRegistry.ContentType.Split(';')[0], "Prometheus text 0.0.4; docs/reference/metrics.md.")),
            ],
        },
        new("GET", Routes.Live, "server", "isLive", "The process answers. Depends on nothing else.")
        {
            Answers = [new(200, "It lives.")],
        },
        new("GET", Routes.Ready, "server", "isReady", "The database answers, and the last commit succeeded.")
        {
            Answers = [new(200, "It can work.")],
            Problems = [Problems.NotReady, Problems.StorageUnavailable],
        },
    ];
}
