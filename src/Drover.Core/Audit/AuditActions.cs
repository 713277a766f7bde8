namespace Drover.Core.Audit;

/// <summary>Something that is written into the audit whenever it is done or refused.</summary>
/// <param name="Name">The noun and what was done to it.</param>
/// <param name="Meaning">For the reference.</param>
/// <param name="Target">What an entry's target is.</param>
public sealed record AuditAction(string Name, string Meaning, string Target);

/// <summary>
/// Every action the audit knows. The set is closed: a route that writes names its action in the access table, and the
/// generated reference (docs/reference/audit.md) follows.
/// </summary>
public static class AuditActions
{
    /// <summary>A person or tool ordered a command.</summary>
    public static readonly AuditAction CommandOrder = new(
        "command.order",
        "A command was ordered and is stored.",
        "the command's id; of a refused order, what was ordered where that is known");

    /// <summary>A person or tool took a command back.</summary>
    public static readonly AuditAction CommandCancel = new(
        "command.cancel", "A command was taken back before its host took it.", "the command's id");

    /// <summary>A host agent reported how a command ended.</summary>
    public static readonly AuditAction CommandReport = new(
        "command.report", "A host reported how a command ended; the outcome is the command's.", "the command's id");

    /// <summary>The server gave a command up.</summary>
    public static readonly AuditAction CommandExpire = new(
        "command.expire", "A command was not taken or finished in its time.", "the command's id");

    /// <summary>An API token was made.</summary>
    public static readonly AuditAction TokenCreate = new("token.create", "An API token was made.", "the token's id");

    /// <summary>An API token was ended.</summary>
    public static readonly AuditAction TokenRevoke = new("token.revoke", "An API token was ended.", "the token's id");

    /// <summary>A token that lets a host join was made.</summary>
    public static readonly AuditAction EnrollmentTokenCreate = new(
        "enrollment_token.create", "A one-time token that lets a host join was made.", "the token's id");

    /// <summary>A token that lets a host join was ended.</summary>
    public static readonly AuditAction EnrollmentTokenRevoke = new(
        "enrollment_token.revoke", "A one-time token that lets a host join was ended unused.", "the token's id");

    /// <summary>A host joined.</summary>
    public static readonly AuditAction HostEnroll = new(
        "host.enroll", "A host joined with a one-time token.", "the host's id");

    /// <summary>A host was taken out of the fleet.</summary>
    public static readonly AuditAction HostRemove = new(
        "host.remove", "A host was taken out of the fleet and its key destroyed.", "the host's id");

    /// <summary>The older protocol was allowed for a host, or no longer.</summary>
    public static readonly AuditAction HostLegacy = new(
        "host.legacy", "The older agent protocol was switched on or off for a host.", "the host's id");

    /// <summary>A host's key was revoked.</summary>
    public static readonly AuditAction HostRevoke = new(
        "host.revoke", "A host's key was destroyed; the host stays in the list and is refused.", "the host's id");

    /// <summary>A host was ordered to make a new key.</summary>
    public static readonly AuditAction HostRotateKey = new(
        "host.rotate_key", "A host was ordered to make a new key.", "the host's id");

    /// <summary>A host gave its new key.</summary>
    public static readonly AuditAction HostKey = new(
        "host.key", "A host gave the new key it was ordered to make.", "the host's id");

    /// <summary>The server will have another certificate.</summary>
    public static readonly AuditAction CertificateRotate = new(
        "certificate.rotate",
        "A certificate with another key was announced to the hosts, to be used later.",
        "the pin of the new certificate");

    /// <summary>The server has another certificate.</summary>
    public static readonly AuditAction CertificateSwitch = new(
        "certificate.switch", "A certificate was taken into use.", "the pin of the new certificate");

    /// <summary>More refusals came within a minute than are recorded one by one.</summary>
    public static readonly AuditAction AccessRefusals = new(
        "access.refusals",
        "More writes were refused within a minute than are recorded one by one; the detail counts the rest.",
        "empty");

    /// <summary>The server's data was put back from a backup.</summary>
    public static readonly AuditAction ServerRestore = new(
        "server.restore",
        "The server's data was put back from a backup; entries written after the backup was taken are not here.",
        "when the backup was taken");

    /// <summary>All of them, in the order of the reference page.</summary>
    public static readonly IReadOnlyList<AuditAction> All =
    [
        CommandOrder, CommandCancel, CommandReport, CommandExpire, TokenCreate, TokenRevoke,
        EnrollmentTokenCreate, EnrollmentTokenRevoke, HostEnroll, HostRemove, HostRevoke,
        HostRotateKey, HostKey, HostLegacy, CertificateRotate,
        CertificateSwitch, AccessRefusals,
        ServerRestore,
    ];
}
