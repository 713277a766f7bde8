using System.Globalization;
using Drover.Core.Audit;
using Drover.Core.Trust;
using Drover.Server.Features.Audit;
using Drover.Server.Features.Hosts;
using Drover.Server.Features.Legacy;
using Drover.Server.Features.Limits;
using Drover.Server.Hosting;
using Drover.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Drover.Server.Features.Access;

/// <summary>
/// Checks the signature of a host agent over the request as it came: the raw target and the buffered body. Whatever is
/// wrong, the answer is one 401; only a right signature learns more: of a wrong time by a 409 <c>re-sign</c>, of more
/// requests than can be remembered by a 429. A host that was opted in may sign as the older protocol does, on the
/// routes that have such callers.
/// </summary>
internal sealed class AgentAuthentication(
    HostRegistry hosts,
    LegacySighting sightings,
    RotateHostKey rotation,
    DenialLog denials,
    TimeProvider time,
    ServerStart start)
{
    private const int LongestRequestId = 64;
    private const int LongestRetryAfter = 30;

    // Verified against when the host is unknown, so that the time of the answer does not tell which hosts exist.
    private readonly HostKeys _nobodys = HostKeys.Nobodys();

    public async Task<Problem?> AuthenticateAsync(HttpContext context, AccessRule rule)
    {
        var headers = context.Request.Headers;
        var agentId = headers[SignatureHeaders.AgentId].ToString();
        var requestId = headers[SignatureHeaders.RequestId].ToString();
        if (!Guid.TryParse(agentId, out _)
            || requestId.Length is 0 or > LongestRequestId
            || !long.TryParse(
                headers[SignatureHeaders.Timestamp], NumberStyles.None, CultureInfo.InvariantCulture, out var stamp))
        {
            return Refuse("signature headers are missing or malformed", rule, context);
        }

        var host = hosts.ById(agentId);
        if (LegacySignature.IsMeant(headers[SignatureHeaders.Signature]))
        {
            return await AuthenticateLegacyAsync(context, rule, host, requestId, stamp);
        }

        var (body, bodyHash) = await ReadBodyAsync(context, rule, isKnown: host is not null);
        var request = new SignedRequest(
            context.Request.Method,
            context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
            agentId,
            stamp,
            requestId,
            bodyHash);
        var keys = host?.Keys ?? _nobodys;
        var signature = headers[SignatureHeaders.Signature].ToString();
        if (RequestSignature.Verify(keys.Current, request, signature))
        {
            return await JudgeAsync(context, rule, host, isRight: true, request, body);
        }

        var isNext = keys.Next is { } next && RequestSignature.Verify(next, request, signature);
        var refusal = await JudgeAsync(context, rule, host, isNext, request, body);
        if (isNext && refusal is null)
        {
            await rotation.PromoteAsync(host!, keys.Next!);
        }

        return refusal;
    }

    /// <summary>
    /// The older protocol: bearer and a MAC over the body alone. Stamp and request id are not signed; they keep out who
    /// sends a captured request again as it was, not who changes them (docs/decisions, "legacy mode").
    /// </summary>
    private async Task<Problem?> AuthenticateLegacyAsync(
        HttpContext context, AccessRule rule, EnrolledHost? host, string requestId, long stamp)
    {
        var headers = context.Request.Headers;
        var hasKey = LegacySignature.IsBearer(host?.Key ?? _nobodys.Current, headers.Authorization);
        if (!hasKey || host is not { IsLegacy: true } || !rule.TakesLegacy)
        {
            return Refuse(hasKey ? "the older protocol is not allowed here" : "wrong signature", rule, context);
        }

        var body = await BodyReader.ReadAsync(context, rule.BodyLimit, context.RequestAborted);
        if (!LegacySignature.Verify(host.Key, body.Span, headers[SignatureHeaders.Signature]))
        {
            return Refuse("wrong signature", rule, context);
        }

        var now = time.GetUtcNow();
        if (Math.Abs(stamp - now.ToUnixTimeSeconds()) > RequestSignature.AllowedSkew.TotalSeconds)
        {
            return Refuse("stale stamp", rule, context);
        }

        var request = new SignedRequest(context.Request.Method, string.Empty, host.HostId, stamp, requestId, "");
        if (rule.Guard is ReplayGuard.RequestId && Remember(host, rule, request, now, context) is { } refusal)
        {
            return refusal;
        }

        Proof.Give(context);

        OlderErrors.Want(context);
        context.Features.Set(new AgentCaller(host, body) { IsLegacy = true });
        await sightings.HearAsync(host, stamp);
        return null;
    }

    /// <summary>
    /// An unknown host's body is read and hashed like any other, within the same limit, so that neither the answer nor
    /// its time tells which hosts exist; only it is not kept: nobody makes us buffer megabytes unproved.
    /// </summary>
    private static async Task<(ReadOnlyMemory<byte> Body, string Hash)> ReadBodyAsync(
        HttpContext context, AccessRule rule, bool isKnown)
    {
        if (rule.IsStream)
        {
            return (ReadOnlyMemory<byte>.Empty, RequestSignature.StreamBodyHash);
        }

        if (!isKnown)
        {
            var hash = await BodyReader.HashAsync(context, rule.BodyLimit, context.RequestAborted);
            return (ReadOnlyMemory<byte>.Empty, hash);
        }

        var body = await BodyReader.ReadAsync(context, rule.BodyLimit, context.RequestAborted);
        return (body, RequestSignature.HashBody(body.Span));
    }

    private async Task<Problem?> JudgeAsync(
        HttpContext context,
        AccessRule rule,
        EnrolledHost? host,
        bool isRight,
        SignedRequest request,
        ReadOnlyMemory<byte> body)
    {
        var now = time.GetUtcNow();
        var verdict =
            StampPolicy.Judge(isRight && host is not null, request.UnixSeconds, now, start.RemembersSince, rule.Guard);
        switch (verdict)
        {
            case StampVerdict.Refuse:
                return Refuse(
                    host switch
                    {
                        null => "unknown host",
                        { IsRevoked: true } => "revoked host",
                        _ => "wrong signature",
                    },
                    rule,
                    context);
            case StampVerdict.ReSign:
                Proof.Give(context);
                return Problem.ReSign(await start.AfterFirstSecondAsync(context.RequestAborted));
        }

        if (rule.Guard is ReplayGuard.RequestId && Remember(host!, rule, request, now, context) is { } refusal)
        {
            return refusal;
        }

        Proof.Give(context);
        if (!rule.TakesAnyKind && host!.Kind != HostKinds.HostAgent)
        {
            denials.Note($"a {host.Kind.Word} may not", rule, host.ToActor(), context.TargetInPath());
            return Problem.Forbidden($"{host.Name} is a {host.Kind.Word}; this is for host agents.");
        }

        context.Features.Set(new AgentCaller(host!, body));
        return null;
    }

    private Problem? Remember(
        EnrolledHost host, AccessRule rule, SignedRequest request, DateTimeOffset now, HttpContext context)
    {
        lock (host.Gate)
        {
            var window = host.Requests.Of(rule);
            switch (window.Remember(request.RequestId, request.UnixSeconds, now))
            {
                case ReplayVerdict.Replayed:
                    return Refuse("replayed", rule, context);
                case ReplayVerdict.Full:
                    Proof.Give(context);
                    denials.Note("too many requests to remember", rule, host.ToActor(), context.TargetInPath());
                    return Problem.Busy(
                        "More requests came from this host than can be remembered; slow down.",
                        Math.Clamp((int)window.RoomIn(now).TotalSeconds, 1, LongestRetryAfter));
                default:
                    return null;
            }
        }
    }

    private Problem Refuse(string reason, AccessRule rule, HttpContext context)
    {
        denials.Note(reason, rule, AuditActor.Stranger(context.Address()), context.TargetInPath());
        return Problem.Unauthorized();
    }
}
