using Drover.Gateway.Forwarding;
using Drover.Gateway.Routing;
using Microsoft.AspNetCore.Http;

namespace Drover.Gateway.ColdStart;

/// <summary>
/// Every request for an agent whose life the gateway manages: its status, which the gateway tells itself, quiet ones,
/// those that go to the agent as it serves, and those that find it does not.
/// </summary>
internal sealed class ManagedRequests : IDisposable
{
    private readonly CancellationTokenSource _ending = new();
    private readonly AgentForwarder _forwarder;
    private readonly StatusRequests _status;
    private readonly QuietRequests _quiet;
    private readonly ColdRequests _cold;

    public ManagedRequests(AgentForwarder forwarder, Routes routes, TimeProvider time)
    {
        _forwarder = forwarder;
        _status = new StatusRequests(time, _ending.Token);
        _quiet = new QuietRequests(forwarder, time);
        _cold = new ColdRequests(forwarder, routes, time, _ending.Token);
    }

    /// <summary>Answers one request.</summary>
    public async Task AnswerAsync(HttpContext context, Route route, ColdStartSpec spec)
    {
        var request = context.Request;
        if (spec.IsStatus(request))
        {
            await _status.AnswerAsync(context, route.Agent);
            return;
        }

        var kind = RequestShape.KindOf(context);
        var isQuietPath = spec.IsQuietPath(request);
        if (isQuietPath || spec.IsQuietClient(request))
        {
            await _quiet.AnswerAsync(context, route, kind, isQuietPath);
            return;
        }

        if (!await _forwarder.TryForwardAsync(context, route, kind))
        {
            await _cold.AnswerAsync(context, route, spec, kind);
        }
    }

    /// <summary>The gateway ends: whoever waits is told now.</summary>
    public void End() => _ending.Cancel();

    /// <inheritdoc/>
    public void Dispose() => _ending.Dispose();
}
