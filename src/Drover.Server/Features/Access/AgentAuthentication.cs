using System.Globalization;
using Drover.Core.Audit;
using Drover.Core.Trust;
using Drover.Server.Features.Hosts;
using Drover.Server.Hosting;
using Drover.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Drover.Server.Features.Access;

/// <summary>
/// Checks the signature of a host agent over the request as it came: the raw target and the buffered body. Whatever is
/// wrong, the answer is one 401; only a right signature with a wrong time learns more (409 <c>re-sign</c>).
/// </summary>
internal sealed class AgentAuthentication(HostRegistry hosts, DenialLog denials, TimeProvider time, ServerStart start)
{
    private const int LongestRequestId = 64;

    // Verified against when the host is unknown, so that the time of the answer does not tell which hosts exist.
    private readonly AgentKey _nobody = AgentKey.Create();

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
        var body = ReadOnlyMemory<byte>.Empty;
        if (!rule.IsStream)
        {
            // An unknown host's body is judged by its first bytes alone: nobody makes us buffer megabytes unproved.
            body = await BodyReader.ReadAsync(
                context, host is null ? Math.Min(rule.BodyLimit, 4096) : rule.BodyLimit, context.RequestAborted);
        }

        var request = new SignedRequest(
            context.Request.Method,
            context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
            agentId,
            stamp,
            requestId,
            rule.IsStream ? RequestSignature.StreamBodyHash : RequestSignature.HashBody(body.Span));
        var isRight = RequestSignature.Verify(host?.Key ?? _nobody, request, headers[SignatureHeaders.Signature]);
        return await JudgeAsync(context, rule, host, isRight, request, body);
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
                return Refuse(host is null ? "unknown host" : "wrong signature", rule, context);
            case StampVerdict.ReSign:
                return Problem.ReSign(await start.AfterFirstSecondAsync(context.RequestAborted));
        }

        if (rule.Guard is ReplayGuard.RequestId)
        {
            lock (host!.Gate)
            {
                var replay = host.Requests.Remember(request.RequestId, request.UnixSeconds, now);
                if (replay is not ReplayVerdict.Fresh)
                {
                    return Refuse(
                        replay is ReplayVerdict.Full ? "too many requests to remember" : "replayed", rule, context);
                }
            }
        }

        context.Features.Set(new AgentCaller(host!, body));
        return null;
    }

    private Problem Refuse(string reason, AccessRule rule, HttpContext context)
    {
        denials.Note(reason, rule, AuditActor.Stranger(context.Address()), context.TargetInPath());
        return Problem.Unauthorized();
    }
}
