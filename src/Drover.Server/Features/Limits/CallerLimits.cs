using Drover.Core.Audit;
using Drover.Core.Limits;
using Drover.Server.Features.Access;
using Drover.Server.Features.Audit;
using Drover.Server.Features.Status;
using Drover.Server.Hosting;
using Drover.Wire;
using Microsoft.AspNetCore.Http;

namespace Drover.Server.Features.Limits;

/// <summary>
/// What a caller whose credentials were checked can take: requests a second, and requests open at once. Heartbeats of a
/// host have a rate of their own and no bound on open ones: whatever else a host does in excess, it never looks
/// offline for it. Who is on the machine's own socket is not limited.
/// </summary>
internal sealed class CallerLimits(ServerOptions options, DenialLog denials, ServerMetrics metrics, TimeProvider time)
{
    /// <summary>Seconds of the rate that a caller may use at once after a quiet time.</summary>
    public const int BurstSeconds = 20;

    private const int MostCallers = 100_000;
    private const int OpenRetryAfter = 5;

    private readonly RateTable _hosts = Table(options.Limits.HostRequests, time);
    private readonly RateTable _heartbeats = Table(options.Limits.HostRequests, time);
    private readonly RateTable _people = Table(options.Limits.PersonRequests, time);
    private readonly OpenRequests _openOfHosts = new(options.Limits.HostOpenRequests);
    private readonly OpenRequests _openOfPeople = new(options.Limits.PersonOpenRequests);

    /// <summary>Lets a request in, or says why not. Dispose the entry with the request.</summary>
    public Entry Enter(HttpContext context, AccessRule rule)
    {
        if (context.Features.Get<AgentCaller>() is { Host: var host })
        {
            var actor = new AuditActor(AuditActorKinds.Agent, host.Name, host.HostId);
            return rule.Route == Routes.Heartbeat
                ? Enter(host.HostId, "host", "the host", _heartbeats, null, rule, actor)
                : Enter(host.HostId, "host", "the host", _hosts, _openOfHosts, rule, actor);
        }

        return context.Features.Get<Person>() is { TokenId: { } tokenId } person
            ? Enter(tokenId, "person", "this API token", _people, _openOfPeople, rule, person.ToActor())
            : default;
    }

    private Entry Enter(
        string caller,
        string limit,
        string who,
        RateTable rates,
        OpenRequests? open,
        AccessRule rule,
        AuditActor actor)
    {
        if (rates.Take(caller) is { } wait)
        {
            return Refuse(
                limit, rule, actor, Problem.TooFast($"Too many requests a second came under {who}", wait));
        }

        if (open is not null && !open.TryOpen(caller))
        {
            return Refuse(
                $"{limit}_open",
                rule,
                actor,
                Problem.Busy($"Too many requests of {who} are open at once; close one first.", OpenRetryAfter));
        }

        return new Entry(null, open, caller);
    }

    private Entry Refuse(string limit, AccessRule rule, AuditActor actor, Problem problem)
    {
        metrics.Limited(limit);
        // Slowed down, not refused: it comes again, and is in the audit then.
        denials.Note("too many requests", rule with { Audits = null }, actor, string.Empty);
        return new Entry(problem, null, string.Empty);
    }

    private static RateTable Table(int perSecond, TimeProvider time) =>
        new(new RateLimit(perSecond, perSecond * BurstSeconds), MostCallers, time);
}

/// <summary>A request that was let in, or the reason why it was not.</summary>
/// <param name="Refusal">The answer in the place of the route's; null when it was let in.</param>
/// <param name="Open">Where it is counted while it is open; null when it is not.</param>
/// <param name="Caller">As whose it is counted.</param>
internal readonly record struct Entry(Problem? Refusal, OpenRequests? Open, string Caller) : IDisposable
{
    public void Dispose() => Open?.Close(Caller);
}
