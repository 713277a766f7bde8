using Drover.Core.Audit;
using Drover.Core.Trust;

namespace Drover.Server.Features.Access;

/// <summary>Who may call a route.</summary>
internal enum Who
{
    /// <summary>Anybody.</summary>
    Anybody,

    /// <summary>An enrolled role with a right signature: a host agent, or any kind where the line says so.</summary>
    Agent,

    /// <summary>A person or tool of any role.</summary>
    Viewer,

    /// <summary>An operator or admin.</summary>
    Operator,

    /// <summary>An admin.</summary>
    Admin,
}

/// <summary>One line of the access table.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Route">Route template.</param>
/// <param name="Who">Who may call it.</param>
/// <param name="BodyLimit">Largest body in bytes; for people's routes their one limit.</param>
/// <param name="Guard">What keeps a captured request of a host agent from taking effect again.</param>
/// <param name="Audits">What the audit says of a call that changes something or is refused; null: nothing.</param>
/// <param name="IsStream">
/// The body is an endless upload, which is not buffered and signs a literal for its hash.
/// </param>
/// <param name="TakesLegacy">A host that was opted in may sign as the older protocol does.</param>
/// <param name="TakesAnyKind">Every enrolled role may call it, not host agents alone.</param>
internal sealed record AccessRule(
    string Method,
    string Route,
    Who Who,
    int BodyLimit = AccessRule.PeopleLimit,
    ReplayGuard Guard = ReplayGuard.RequestId,
    AuditAction? Audits = null,
    bool IsStream = false,
    bool TakesLegacy = false,
    bool TakesAnyKind = false)
{
    public const int PeopleLimit = Hosting.PeopleBody.Limit;
}
