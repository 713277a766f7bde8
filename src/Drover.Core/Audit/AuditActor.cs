namespace Drover.Core.Audit;

/// <summary>Who did something, as the audit tells it.</summary>
/// <param name="Kind">One of <see cref="AuditActorKinds"/>.</param>
/// <param name="Name">A user's, token's or host's name; of a stranger, the address the request came from.</param>
/// <param name="Id">A token's or host's id, since names are given anew; null where the name says it all.</param>
public readonly record struct AuditActor(string Kind, string Name, string? Id = null)
{
    /// <summary>The server itself, in one of its duties.</summary>
    public static AuditActor System(string duty) => new(AuditActorKinds.System, duty);

    /// <summary>Somebody whose credentials were not accepted, or who brought none.</summary>
    public static AuditActor Stranger(string address) => new(AuditActorKinds.Stranger, address);
}

/// <summary>The closed set of kinds of actors.</summary>
public static class AuditActorKinds
{
    /// <summary>A person of this machine, known by the unix socket.</summary>
    public const string Person = "person";

    /// <summary>A person or tool with an API token.</summary>
    public const string Token = "token";

    /// <summary>A host agent.</summary>
    public const string Agent = "agent";

    /// <summary>The server itself.</summary>
    public const string System = "system";

    /// <summary>Nobody the server knows.</summary>
    public const string Stranger = "stranger";

    /// <summary>All of them with what they mean, in the order of the reference page.</summary>
    public static readonly IReadOnlyList<(string Name, string Meaning)> All =
    [
        (Person, "A person of the server's machine; the name is the user's."),
        (Token, "A person or tool with an API token; the name is the token's, `actor_id` in the detail its id."),
        (Agent, "A host agent; the name is the host's, `actor_id` in the detail its id."),
        (System, "The server itself; the name says in which duty."),
        (Stranger, "Somebody without credentials that were accepted; the name is the address the request came from."),
    ];
}

/// <summary>The closed set of outcomes.</summary>
public static class AuditOutcomes
{
    /// <summary>It was done.</summary>
    public const string Done = "done";

    /// <summary>It was tried and failed.</summary>
    public const string Failed = "failed";

    /// <summary>It was refused and changed nothing.</summary>
    public const string Denied = "denied";

    /// <summary>All of them with what they mean, in the order of the reference page.</summary>
    public static readonly IReadOnlyList<(string Name, string Meaning)> All =
    [
        (Done, "It was done, and stored in the same transaction as this entry."),
        (Failed, "A host tried what was ordered and reports that it failed; or nobody did it in time."),
        (Denied, "It was refused and changed nothing."),
    ];
}
