using System.Text.Json;
using Drover.Wire.Inventory;

namespace Drover.Wire.People;

/// <summary>Every list: a page and where the next one begins.</summary>
/// <typeparam name="T">What is listed.</typeparam>
/// <param name="Items">This page.</param>
/// <param name="Next">Value of <c>after</c> for the next page; null at the end.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);

/// <summary>A host as people see it.</summary>
public sealed record HostDto
{
    /// <summary>UUID.</summary>
    public required string HostId { get; init; }

    /// <summary>One opaque id per enrolled host.</summary>
    public required string DeploymentHash { get; init; }

    /// <summary>How people call it.</summary>
    public required string Name { get; init; }

    /// <summary>See <see cref="Agents.AgentKinds"/>.</summary>
    public required string Kind { get; init; }

    /// <summary><c>live</c>, <c>late</c>, <c>offline</c>, <c>docker_down</c>, <c>goodbye</c> or
    /// <c>revoked</c>.</summary>
    public required string State { get; init; }

    /// <summary>Why it is in that state, one sentence.</summary>
    public string? Reason { get; init; }

    /// <summary>When it came into that state.</summary>
    public DateTimeOffset? StateSince { get; init; }

    /// <summary>Last signed word from it.</summary>
    public DateTimeOffset? LastSeenAt { get; init; }

    /// <summary>When it enrolled.</summary>
    public DateTimeOffset EnrolledAt { get; init; }

    /// <summary>Its clock minus the server's, milliseconds.</summary>
    public long? ClockSkewMs { get; init; }

    /// <summary>When it was ordered to make a new key; null when no such order is open.</summary>
    public DateTimeOffset? KeyOrderedAt { get; init; }

    /// <summary>Containers it has.</summary>
    public int Containers { get; init; }

    /// <summary>Those of them that run.</summary>
    public int Running { get; init; }

    /// <summary>Those of them whose health check fails.</summary>
    public int Unhealthy { get; init; }

    /// <summary>True: it may sign as the older protocol does, which binds less; null is false.</summary>
    public bool? Legacy { get; init; }

    /// <summary>Its machine and policy, as it last told.</summary>
    public HostFactsDto? Facts { get; init; }
}

/// <summary>A container as people see it: the inventory's fields, its host and its app code.</summary>
/// <param name="HostId">Which host.</param>
/// <param name="HostName">How people call that host.</param>
/// <param name="HostState">As <see cref="HostDto.State"/>: how far the rest can be believed.</param>
/// <param name="AppCode">What commands call it.</param>
/// <param name="AsOf">When the host last told of it.</param>
/// <param name="Container">The inventory's fields.</param>
public sealed record HostContainerDto(
    string HostId, string HostName, string HostState, string AppCode, DateTimeOffset AsOf, ContainerDto Container);

/// <summary>Body of a POST to <see cref="Routes.Commands"/>.</summary>
/// <param name="Type">One of <see cref="Commands.CommandTypes"/>.</param>
/// <param name="Host">
/// Id or name of the host; may be left out where the app code, or there being one host, tells.
/// </param>
/// <param name="Parameters">By type.</param>
/// <param name="Priority">One of <see cref="Commands.CommandPriorities"/>; null is normal.</param>
/// <param name="TimeoutSeconds">1..3600; null is 300.</param>
/// <param name="Reason">Why, for the history.</param>
/// <param name="RequestId">A UUID of the caller's: the same one again gives the same command.</param>
public sealed record OrderRequest(
    string Type,
    string? Host,
    Commands.CommandParameters? Parameters,
    string? Priority = null,
    int? TimeoutSeconds = null,
    string? Reason = null,
    string? RequestId = null);

/// <summary>An event, with CloudEvents 1.0 names.</summary>
/// <param name="Id">Ordered; what <c>Last-Event-ID</c> resumes after.</param>
/// <param name="Type">A name of the closed set.</param>
/// <param name="Time">When it happened.</param>
/// <param name="Source"><c>/server</c>, <c>/hosts/NAME</c> or <c>/supervisors/NAME</c>.</param>
/// <param name="Subject">What it is about.</param>
/// <param name="Severity"><c>info</c>, <c>warning</c> or <c>error</c>.</param>
/// <param name="Data">By type.</param>
public sealed record EventDto(
    string Id, string Type, DateTimeOffset Time, string Source, string? Subject, string Severity, JsonElement? Data);

/// <summary>Body of a POST to <see cref="Routes.Tokens"/>.</summary>
/// <param name="Name">What it is for.</param>
/// <param name="Role"><c>viewer</c>, <c>operator</c> or <c>admin</c>.</param>
/// <param name="ExpiresInSeconds">Null: does not expire.</param>
public sealed record CreateTokenRequest(string Name, string Role, long? ExpiresInSeconds = null);

/// <summary>Body of a POST to <see cref="Routes.EnrollmentTokens"/>.</summary>
/// <param name="Name">Name the host shall have; null leaves it to the host.</param>
/// <param name="ExpiresInSeconds">60..86400, with several uses up to 30 days; null is 900.</param>
/// <param name="Legacy">True: for an agent of the older protocol, and for nothing else.</param>
/// <param name="Uses">How many hosts may join with it; null is one. More only where the server allows it.</param>
public sealed record CreateEnrollmentTokenRequest(
    string? Name = null, long? ExpiresInSeconds = null, bool? Legacy = null, int? Uses = null);

/// <summary>Body of a POST to <see cref="Routes.HostLegacy"/>.</summary>
/// <param name="Legacy">Whether the host may sign as the older protocol does.</param>
public sealed record SetLegacyRequest(bool? Legacy);

/// <summary>The one answer that carries a new token's secret.</summary>
/// <param name="TokenId">What lists and revocations call it.</param>
/// <param name="Token">The secret.</param>
/// <param name="ExpiresAt">Null: does not expire.</param>
public sealed record CreatedTokenDto(string TokenId, string Token, DateTimeOffset? ExpiresAt)
{
    /// <summary>Of an enrollment token: what the other machine needs besides.</summary>
    public JoinDto? Join { get; init; }

    /// <summary>The secret is never printed.</summary>
    public override string ToString() => $"CreatedTokenDto {{ TokenId = {TokenId} }}";
}

/// <summary>A token in a list.</summary>
/// <param name="TokenId">Its id.</param>
/// <param name="Kind"><c>api</c> or <c>enrollment</c>.</param>
/// <param name="Name">What it is for.</param>
/// <param name="Role">Of an API token.</param>
/// <param name="CreatedBy">Who made it.</param>
/// <param name="CreatedAt">When.</param>
/// <param name="ExpiresAt">Null: does not expire.</param>
/// <param name="LastUsedAt">Null: never.</param>
/// <param name="RevokedAt">Null: not revoked.</param>
/// <param name="Uses">Of an enrollment token: how many hosts joined with it.</param>
/// <param name="MostUses">Of an enrollment token: how many may.</param>
public sealed record TokenDto(
    string TokenId,
    string Kind,
    string? Name,
    string? Role,
    string CreatedBy,
    DateTimeOffset CreatedAt,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset? LastUsedAt,
    DateTimeOffset? RevokedAt,
    int? Uses = null,
    int? MostUses = null);

/// <summary>Answer of <see cref="Routes.WhoAmI"/>.</summary>
/// <param name="Name">Who the server takes the caller for.</param>
/// <param name="Role">What they may do.</param>
/// <param name="Via"><c>socket</c> or <c>token</c>.</param>
/// <param name="ServerVersion">The server's version.</param>
public sealed record WhoAmIDto(string Name, string Role, string Via, string ServerVersion);

/// <summary>RFC 9457 problem.</summary>
/// <param name="Type">Stable: <c>urn:drover:problem:</c> and a name of docs/reference/errors.md.</param>
/// <param name="Title">The problem's name for people.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">A sentence: what is wrong and what to do.</param>
public sealed record ProblemDto(string? Type, string? Title, int? Status, string? Detail)
{
    /// <summary>With <c>re-sign</c>: the server's clock, Unix milliseconds.</summary>
    public long? ServerTime { get; init; }

    /// <summary>With <c>app-ambiguous</c> and <c>host-ambiguous</c>: what could have been meant.</summary>
    public IReadOnlyList<string>? Candidates { get; init; }
}
