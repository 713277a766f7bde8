using Drover.Core.Limits;
using Drover.Runtime.Limits;
using Drover.Server.Features.Access;
using Drover.Server.Features.Hosts;
using Drover.Server.Features.Status;
using Drover.Server.Hosting;
using Drover.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Drover.Server.Features.Limits;

/// <summary>
/// Requests that prove nothing cost the address they come from; whoever proves something pays nothing here, so that any
/// number of hosts can work behind one address. An address that has used up its share is not heard before it has
/// refilled, but for a request that names a host there is, or carries a bearer token: its proof is looked at, for a
/// stranger shall not silence the hosts and people behind the same address.
/// </summary>
internal sealed class StrangerLimit(
    RequestDelegate next, HostRegistry hosts, ServerOptions options, ServerMetrics metrics, TimeProvider time)
{
    private const int BurstSeconds = 20;
    private const int MostAddresses = 65_536;

    private readonly RateTable _rates = new(
        new RateLimit(options.Limits.StrangerRequests, options.Limits.StrangerRequests * BurstSeconds),
        MostAddresses,
        time);

    public async Task InvokeAsync(HttpContext context)
    {
        // On the unix socket there is no address, and nobody but the owner.
        if (context.Connection.RemoteIpAddress is not { } address)
        {
            await next(context);
            return;
        }

        var network = ClientNetwork.Of(address);
        if (_rates.WaitOf(network) is { } wait && !NamesSomebody(context))
        {
            metrics.Limited("stranger");
            await Problem.TooFast("Too many requests without valid credentials came from this address", wait)
                .ExecuteAsync(context);
            return;
        }

        try
        {
            await next(context);
        }
        finally
        {
            if (!Proof.IsGiven(context))
            {
                _rates.Charge(network);
            }
        }
    }

    private bool NamesSomebody(HttpContext context)
    {
        if (context.GetEndpoint() is not RouteEndpoint endpoint)
        {
            return false;
        }

        var rule = AccessTable.Find(context.Request.Method, endpoint.RoutePattern.RawText ?? string.Empty);
        return rule?.Who switch
        {
            null or Who.Anybody => false,
            Who.Agent => hosts.ById(context.Request.Headers[SignatureHeaders.AgentId].ToString()) is not null,
            _ => context.Request.Headers.ContainsKey("Authorization"),
        };
    }
}
