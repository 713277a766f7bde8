using System.Collections.Frozen;
using Drover.Core.Audit;
using Drover.Core.Trust;
using Drover.Wire;

namespace Drover.Server.Features.Access;

/// <summary>
/// Every route of the server with who may call it and what the audit says of it, once. A route that does not stand here
/// does not start; tests walk each line with every role and with none, and count the entries it leaves.
/// </summary>
internal static class AccessTable
{
    private const int Kib = 1024;
    private const int Mib = 1024 * Kib;

    public static readonly IReadOnlyList<AccessRule> Rules =
    [
        new("GET", Routes.Live, Who.Anybody),
        new("GET", Routes.Ready, Who.Anybody),
        new("POST", Routes.Enroll, Who.Anybody, 16 * Kib, Audits: AuditActions.HostEnroll),
        // A one-time token, like enrollment: never anonymous (Legacy/RegisterLegacyHost).
        new("POST", Routes.LegacyRegister, Who.Anybody, 16 * Kib, Audits: AuditActions.HostEnroll),
        new("POST", Routes.LegacyMarketplaceRegister, Who.Anybody, 16 * Kib, Audits: AuditActions.HostEnroll),

        new("POST", Routes.Heartbeat, Who.Agent, 4 * Kib, TakesAnyKind: true),
        new("POST", Routes.AgentKey, Who.Agent, 4 * Kib, Audits: AuditActions.HostKey, TakesAnyKind: true),
        new("POST", Routes.Inventory, Who.Agent, 16 * Mib),
        new("POST", Routes.AgentEvents, Who.Agent, 1 * Mib, ReplayGuard.Content, TakesAnyKind: true),
        new("GET", Routes.CommandWait, Who.Agent, 0, TakesLegacy: true),
        new(
            "POST",
            Routes.CommandReport,
            Who.Agent,
            4 * Mib,
            ReplayGuard.Content,
            AuditActions.CommandReport,
            TakesLegacy: true),
        new("POST", Routes.CommandRenew, Who.Agent, 64 * Kib),
        new("POST", Routes.AppStatus, Who.Agent, 4 * Mib, TakesLegacy: true),
        new("POST", Routes.AgentStream, Who.Agent, 0, ReplayGuard.Content, IsStream: true),

        new("GET", Routes.Hosts, Who.Viewer),
        new("GET", Routes.Hosts + "/{host}", Who.Viewer),
        new("DELETE", Routes.Hosts + "/{host}", Who.Admin, Audits: AuditActions.HostRemove),
        new("POST", Routes.HostLegacy, Who.Admin, Audits: AuditActions.HostLegacy),
        new("POST", Routes.HostRevocation, Who.Admin, Audits: AuditActions.HostRevoke),
        new("POST", Routes.HostKeyRotation, Who.Admin, Audits: AuditActions.HostRotateKey),
        new("GET", Routes.Containers, Who.Viewer),
        new("GET", Routes.Commands, Who.Viewer),
        new("GET", Routes.Commands + "/{id}", Who.Viewer),
        // What changes a host asks for an operator; the use case looks at the command's type (Commands/OrderCommand).
        new("POST", Routes.Commands, Who.Viewer, Audits: AuditActions.CommandOrder),
        new("POST", Routes.Commands + "/{id}/cancel", Who.Operator, Audits: AuditActions.CommandCancel),
        new("GET", Routes.Events, Who.Viewer),
        new("GET", Routes.EventStream, Who.Viewer),
        new("GET", Routes.LogStream, Who.Viewer),
        new("GET", Routes.WhoAmI, Who.Viewer),
        new("GET", Routes.OpenApi, Who.Viewer),
        new("GET", Routes.Certificate, Who.Viewer),
        new("POST", Routes.CertificateRotation, Who.Admin, Audits: AuditActions.CertificateRotate),
        new("GET", Routes.Metrics, Who.Viewer),
        new("GET", Routes.Audit, Who.Admin),
        new("GET", Routes.Tokens, Who.Admin),
        new("POST", Routes.Tokens, Who.Admin, Audits: AuditActions.TokenCreate),
        new("DELETE", Routes.Tokens + "/{id}", Who.Admin, Audits: AuditActions.TokenRevoke),
        new("GET", Routes.EnrollmentTokens, Who.Admin),
        new("POST", Routes.EnrollmentTokens, Who.Admin, Audits: AuditActions.EnrollmentTokenCreate),
        new("DELETE", Routes.EnrollmentTokens + "/{id}", Who.Admin, Audits: AuditActions.EnrollmentTokenRevoke),
    ];

    private static readonly FrozenDictionary<(string Method, string Route), AccessRule> ByRoute =
        Rules.ToFrozenDictionary(rule => (rule.Method, rule.Route));

    /// <summary>The line of a route, or null where there is none.</summary>
    public static AccessRule? Find(string method, string route) => ByRoute.GetValueOrDefault((method, route));
}
