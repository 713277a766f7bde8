using System.Security.Cryptography;
using System.Text;
using Drover.Core.Audit;
using Drover.Core.Events;
using Drover.Core.Fleet;
using Drover.Core.Trust;
using Drover.Runtime.Faults;
using Drover.Runtime.Storage;
using Drover.Server.Features.Access;
using Drover.Server.Features.Audit;
using Drover.Server.Features.Events;
using Drover.Server.Features.Hosts;
using Drover.Server.Features.Limits;
using Drover.Server.Hosting;
using Drover.Wire;
using Drover.Wire.Agents;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Drover.Server.Features.Enrollment;

/// <summary>
/// Lets a host join with a token. Its use and the host are written in one transaction; the same token with the same
/// key within the token's life gives the same host, so a lost answer costs nothing; whatever else is wrong with a token
/// gives the one 401 of every bad token.
/// </summary>
internal sealed class EnrollHost(
    Database database,
    HostRegistry hosts,
    HostKeyring keyring,
    EventLog events,
    AuditLog audit,
    DenialLog denials,
    EnrollmentThrottle throttle,
    ServerOptions options,
    TimeProvider time)
{
    // A DNS name has at most 253 characters (RFC 1035); nothing a machine says of itself is longer.
    private const int LongestText = 253;

    private static readonly AccessRule Rule = AccessTable.Find("POST", Routes.Enroll)!;

    public static async Task<Results<Ok<EnrollResponse>, Problem>> Handle(HttpContext context, EnrollHost enrollment)
    {
        var body = await BodyReader.ReadAsync(context, Rule.BodyLimit, context.RequestAborted);
        var request = AgentBody.Read(ReadOlderNames(body), WireJson.Default.EnrollRequest);
        return await enrollment.EnrollAsync(request, context);
    }

    private async Task<Results<Ok<EnrollResponse>, Problem>> EnrollAsync(EnrollRequest request, HttpContext context)
    {
        var (network, stranger) = (context.Network(), AuditActor.Stranger(context.Address()));
        if (throttle.Check(network, request.Token) is { } refusal)
        {
            denials.Note("too many wrong credentials", Rule, stranger, string.Empty);
            return refusal;
        }

        if (Check(request) is { } problem)
        {
            return problem;
        }

        if (!AgentKey.TryParse(request.Key, out var key))
        {
            return Problem.InvalidRequest(
                $"cannot enroll: \"key\" is missing or not {AgentKey.MinLength} to {AgentKey.MaxLength} printable "
                    + "characters");
        }

        // A malformed token is looked up like any other: neither the answer nor its time tells the causes apart.
        var token = SecretToken.TryParse(request.Token, SecretToken.EnrollmentPrefix, out var parsed)
            ? parsed!
            : SecretToken.Create(SecretToken.EnrollmentPrefix);
        var host =
            await database.WriteAsync(session => Consume(session, token, key!, request), CancellationToken.None);
        if (host is null)
        {
            throttle.NoteFailure(network, request.Token);
            denials.Note("bad enrollment token", Rule, stranger, string.Empty);
            return Problem.Unauthorized();
        }

        Proof.Give(context);

        FaultPoint.Reach(FaultPoints.EnrollCommitted);
        return TypedResults.Ok(new EnrollResponse(
            host.HostId,
            host.DeploymentHash,
            (int)options.HeartbeatInterval.TotalSeconds,
            time.GetUtcNow().ToUnixTimeMilliseconds()));
    }

    private static Problem? Check(EnrollRequest request)
    {
        if (string.IsNullOrEmpty(request.Token))
        {
            return Problem.InvalidRequest("cannot enroll: \"token\" is missing");
        }

        if (string.IsNullOrWhiteSpace(request.Name) && string.IsNullOrWhiteSpace(request.Hostname))
        {
            return Problem.InvalidRequest("cannot enroll: \"name\" and \"hostname\" are missing");
        }

        var longest = new[]
        {
            request.Name, request.Hostname, request.Os, request.Architecture, request.DockerVersion,
            request.AgentVersion,
        }.Max(text => text?.Length ?? 0);
        if (longest > LongestText)
        {
            return Problem.InvalidRequest($"cannot enroll: a field is longer than {LongestText} characters");
        }

        return request.Kind is null || HostKinds.Find(request.Kind) is not null
            ? null
            : Problem.InvalidRequest(
                $"cannot enroll: kind \"{request.Kind}\" is not one of "
                    + string.Join(", ", HostKinds.All.Select(kind => kind.Name)));
    }

    private HostIdentity? Consume(DbSession session, SecretToken token, AgentKey key, EnrollRequest request)
    {
        var now = time.GetUtcNow();
        var keyHash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key.Reveal())));
        var hostId = Guid.NewGuid().ToString();
        if (EnrollmentTokenStore.FindUse(session, token.Hash, keyHash, now) is { } joined)
        {
            // The answer was lost and the same machine asks again; nothing is used up by that.
            return HostStore.FindIdentity(session, joined);
        }

        if (!EnrollmentTokenStore.TryConsume(session, token.Hash, now))
        {
            return null;
        }

        FaultPoint.Reach(FaultPoints.EnrollTokenConsumed);

        var used = EnrollmentTokenStore.FindByHash(session, token.Hash)!;
        EnrollmentTokenStore.NoteUse(session, used.TokenId, keyHash, hostId, now);
        var name = HostStore.FreeName(session, HostNames.Nearest(used.Name ?? Chosen(request)));
        var identity = new HostIdentity(
            hostId, NewDeploymentHash(), name, request.Kind ?? AgentKinds.HostAgent, now);
        HostStore.Insert(
            session, identity, request.Hostname ?? name, keyring.Seal(hostId, key), used.CreatedBy);
        events.Append(session, new EventDraft(EventTypes.HostEnrolled, now, name)
        {
            HostId = hostId,
            Data = EventDraft.Fields(("name", name), ("kind", identity.Kind), ("agent_version", request.AgentVersion)),
        });

        audit.Append(
            session,
            new AuditActor(AuditActorKinds.Agent, name, hostId),
            AuditActions.HostEnroll,
            hostId,
            AuditOutcomes.Done,
            ("kind", identity.Kind),
            ("token_by", used.CreatedBy),
            ("token_id", used.TokenId));

        var host = new EnrolledHost(
            identity,
            key,
            new HostSighting(HostStatus.Enrolled(options.HeartbeatInterval), now, RunSequence.Empty, null, null));
        session.AfterCommit(() => hosts.Add(host));
        return identity;
    }

    private static string Chosen(EnrollRequest request) =>
        string.IsNullOrWhiteSpace(request.Name) ? request.Hostname : request.Name;

    private static string NewDeploymentHash() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    /// <summary>Agents of the older protocol write <c>dockerVersion</c>.</summary>
    private static ReadOnlyMemory<byte> ReadOlderNames(ReadOnlyMemory<byte> body)
    {
        if (body.Span.IndexOf("\"dockerVersion\""u8) < 0)
        {
            return body;
        }

        var text = Encoding.UTF8.GetString(body.Span);
        return Encoding.UTF8.GetBytes(
            text.Replace("\"dockerVersion\"", "\"docker_version\"", StringComparison.Ordinal));
    }
}
