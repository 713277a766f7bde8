using Drover.Core.Audit;
using Drover.Core.Events;
using Drover.Core.Fleet;
using Drover.Core.Trust;
using Drover.Runtime.Storage;
using Drover.Server.Features.Access;
using Drover.Server.Features.Audit;
using Drover.Server.Features.Enrollment;
using Drover.Server.Features.Events;
using Drover.Server.Features.Hosts;
using Drover.Server.Features.Limits;
using Drover.Server.Hosting;
using Drover.Wire.Agents;
using Drover.Wire.Inventory;
using Drover.Wire.Legacy;
using Drover.Wire;
using Microsoft.AspNetCore.Http;
using System.Text.Json;

namespace Drover.Server.Features.Legacy;

/// <summary>
/// Lets an agent of the older protocol join with a one-time token made for that, and gives it its credentials. Never
/// anonymous: without the token there is the one 401 of every bad token. The same token for the same host within the
/// token's life gives the same credentials again, so a lost answer costs nothing; a hash another host has is refused.
/// </summary>
internal sealed class RegisterLegacyHost(
    Database database,
    HostRegistry hosts,
    HostKeyring keyring,
    LegacyHosts legacy,
    EventLog events,
    AuditLog audit,
    DenialLog denials,
    EnrollmentThrottle throttle,
    ServerOptions options,
    TimeProvider time)
{
    private const string Scheme = "Bearer ";
    private const string DashboardVersion = "2.0.0";
    private const int LongestHash = 128;
    private const int LongestVersion = 100;

    private static readonly string[] ApiVersions = ["1.0"];

    private static readonly AccessRule Rule = AccessTable.Find("POST", Routes.LegacyRegister)!;

    private static readonly AccessRule MarketplaceRule =
        AccessTable.Find("POST", Routes.LegacyMarketplaceRegister)!;

    /// <summary>What installs an agent calls, with the token as bearer.</summary>
    public static async Task<IResult> Handle(HttpContext context, RegisterLegacyHost registration)
    {
        OlderErrors.Want(context);
        var body = await BodyReader.ReadAsync(context, Rule.BodyLimit, context.RequestAborted);
        var request = AgentBody.Read(body, LegacyJson.Default.LegacyRegisterRequest);
        if (!IsUsable(request.DeploymentHash))
        {
            return Problem.InvalidRequest(
                $"deployment_hash must be 1 to {LongestHash} letters, digits, dots, underscores or hyphens");
        }

        var header = context.Request.Headers.Authorization.ToString();
        var secret = header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..] : null;
        var (joined, refusal) = await registration.RegisterAsync(
            secret,
            new Applicant(request.DeploymentHash!, Hostname(request.SystemInfo), request.AgentVersion),
            Rule,
            context);
        return joined is null
            ? refusal!
            : TypedResults.Json(
                new LegacyRegisterResponse(new LegacyRegisterData(new LegacyRegisterItem(
                    joined.Host.HostId, joined.Key.Reveal(), DashboardVersion, ApiVersions))),
                LegacyJson.Default.LegacyRegisterResponse,
                statusCode: joined.IsNew ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }

    /// <summary>What the older agent's own <c>register</c> calls, with the token in the body.</summary>
    public static async Task<IResult> HandleMarketplace(HttpContext context, RegisterLegacyHost registration)
    {
        OlderErrors.Want(context);
        var body = await BodyReader.ReadAsync(context, MarketplaceRule.BodyLimit, context.RequestAborted);
        var request = AgentBody.Read(body, LegacyJson.Default.LegacyMarketplaceRequest);
        var (joined, refusal) = await registration.RegisterAsync(
            request.PurchaseToken,
            new Applicant(null, Hostname(request.ServerFingerprint), null),
            MarketplaceRule,
            context);
        return joined is null
            ? refusal!
            : TypedResults.Json(
                new LegacyMarketplaceResponse(joined.Host.HostId, joined.Key.Reveal(), joined.Host.DeploymentHash),
                LegacyJson.Default.LegacyMarketplaceResponse);
    }

    private async Task<(Registration? Joined, Problem? Refusal)> RegisterAsync(
        string? secret, Applicant applicant, AccessRule rule, HttpContext context)
    {
        var (network, stranger) = (context.Network(), AuditActor.Stranger(context.Address()));
        if (throttle.Check(network, secret) is { } wait)
        {
            denials.Note("too many wrong credentials", rule, stranger, string.Empty);
            return (null, wait);
        }

        // A malformed token is looked up like any other: neither the answer nor its time tells the causes apart.
        var token = SecretToken.TryParse(secret?.Trim(), SecretToken.LegacyPrefix, out var parsed)
            ? parsed!
            : SecretToken.Create(SecretToken.LegacyPrefix);
        var (joined, refusal) =
            await database.WriteAsync(session => Consume(session, token, applicant), CancellationToken.None);
        if (refusal is { Status: StatusCodes.Status401Unauthorized })
        {
            throttle.NoteFailure(network, secret);
            denials.Note("bad registration token", rule, stranger, string.Empty);
        }
        else
        {
            Proof.Give(context);
        }

        return (joined, refusal);
    }

    private (Registration? Joined, Problem? Refusal) Consume(
        DbSession session, SecretToken token, Applicant applicant)
    {
        var now = time.GetUtcNow();
        var known = EnrollmentTokenStore.FindByHash(session, token.Hash);
        if (known is not null && EnrollmentTokenStore.FindFirstUse(session, known.TokenId) is { } used)
        {
            return Again(session, known, used, applicant, now) is { } again
                ? (again, null)
                : (null, Problem.Unauthorized());
        }

        // Before anything is said of the hash: a token that opens nothing shall not tell which hosts there are.
        if (known is not { RevokedAt: null } || known.ExpiresAt <= now)
        {
            return (null, Problem.Unauthorized());
        }

        var hash = applicant.DeploymentHash ?? Guid.NewGuid().ToString("N");
        if (HostStore.HasHash(session, hash))
        {
            return (null, Problem.Conflict("deployment_hash belongs to another host"));
        }

        var hostId = Guid.NewGuid().ToString();
        var key = AgentKey.Create();
        if (!EnrollmentTokenStore.TryConsume(session, token.Hash, now))
        {
            return (null, Problem.Unauthorized());
        }

        EnrollmentTokenStore.NoteUse(session, known.TokenId, hash, hostId, now);

        var name = HostStore.FreeName(session, HostNames.Nearest(known.Name ?? applicant.Hostname ?? hash));
        var identity = new HostIdentity(hostId, hash, name, AgentKinds.HostAgent, now);
        Store(session, identity, key, known, applicant, now);
        return (new Registration(identity, key, IsNew: true), null);
    }

    private void Store(
        DbSession session,
        HostIdentity identity,
        AgentKey key,
        EnrollmentToken token,
        Applicant applicant,
        DateTimeOffset now)
    {
        HostStore.ReleaseHash(session, identity.DeploymentHash);
        HostStore.Insert(
            session,
            identity,
            applicant.Hostname ?? identity.Name,
            keyring.Seal(identity.HostId, key),
            token.CreatedBy);
        var version = applicant.AgentVersion is { Length: > 0 and <= LongestVersion } given ? given : null;
        var facts = new HostFactsDto(null, version, null, null, null, null, null, null, null);
        HostStore.SaveFacts(session, identity.HostId, facts);
        events.Append(session, new EventDraft(EventTypes.HostEnrolled, now, identity.Name)
        {
            HostId = identity.HostId,
            Data = EventDraft.Fields(("name", identity.Name), ("kind", identity.Kind), ("agent_version", version)),
        });
        legacy.Allow(session, identity, token.CreatedBy, now);
        audit.Append(
            session,
            new AuditActor(AuditActorKinds.Agent, identity.Name, identity.HostId),
            AuditActions.HostEnroll,
            identity.HostId,
            AuditOutcomes.Done,
            ("kind", identity.Kind),
            ("legacy", "on"),
            ("token_by", token.CreatedBy),
            ("token_id", token.TokenId));
        var host = new EnrolledHost(
            identity,
            key,
            new HostSighting(HostStatus.Enrolled(options.HeartbeatInterval), now, RunSequence.Empty, null, null))
        {
            Facts = facts,
            IsLegacy = true,
        };
        session.AfterCommit(() => hosts.Add(host));
    }

    /// <summary>The answer was lost and the same installation asks again within the token's life.</summary>
    private Registration? Again(
        DbSession session, EnrollmentToken token, string hostId, Applicant applicant, DateTimeOffset now)
    {
        var identity = HostStore.FindIdentity(session, hostId);
        return token.RevokedAt is null && token.ExpiresAt > now && identity is not null
            && (applicant.DeploymentHash is null || applicant.DeploymentHash == identity.DeploymentHash)
            && hosts.ById(hostId) is { IsRevoked: false } host
            ? new Registration(identity, host.Key, IsNew: false)
            : null;
    }

    private static bool IsUsable(string? hash) =>
        hash is { Length: > 0 and <= LongestHash }
        && hash.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    private static string? Hostname(JsonElement? machine) =>
        machine is { ValueKind: JsonValueKind.Object } facts
        && facts.TryGetProperty("hostname", out var name)
        && name.ValueKind is JsonValueKind.String
        && name.GetString() is { Length: > 0 and <= 255 } hostname
            ? hostname
            : null;

    /// <summary>Who asks, as far as it says.</summary>
    private sealed record Applicant(string? DeploymentHash, string? Hostname, string? AgentVersion);

    /// <summary>Credentials that were given.</summary>
    private sealed record Registration(HostIdentity Host, AgentKey Key, bool IsNew);
}
