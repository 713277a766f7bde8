using Drover.Core.Agents;
using Drover.Gateway.Agents;
using Drover.Gateway.Documents;
using Drover.Gateway.Forwarding;

namespace Drover.Gateway.Lifecycle;

/// <summary>
/// Puts what is so of an agent where everybody sees it. Owns its backend: another one for every task that serves, so
/// that no connection to an earlier task is used again. Used by one thread at a time.
/// </summary>
internal sealed class AgentDisplay(AgentSeat seat, TimeProvider time) : IDisposable
{
    private AgentRuntime? _shown;
    private Backend? _backend;
    private Uri? _origin;
    private TimeSpan _connectTimeout;
    private long _generation;
    private DateTimeOffset _since;
    private DateTimeOffset? _readyBy;
    private DateTimeOffset? _restsUntil;

    /// <summary>Whose task the view leads to.</summary>
    public long Generation => Volatile.Read(ref _generation);

    /// <summary>Shows it, where it differs from what is shown.</summary>
    public void Show(AgentRuntime runtime, TimeSpan now, AgentDocument document)
    {
        var replaced = Aim(runtime, document);
        var backend = runtime.IsRouted ? _backend : null;
        if (_shown is not { } shown || !IsSame(shown, runtime) || seat.View.Backend != backend)
        {
            Renew(runtime, now);
            seat.View = new AgentView(runtime.State)
            {
                Backend = backend,
                Reason = runtime.Fault?.Message,
                ReasonCode = runtime.Fault?.Code,
                IsDozing = runtime.IsDozing,
                Since = _since,
                ReadyBy = _readyBy,
                RestsUntil = _restsUntil,
            };
        }

        _shown = runtime;
        replaced?.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose() => _backend?.Dispose();

    /// <summary>Another phase counts too: who waits at a fence that was lifted must hear of it.</summary>
    private static bool IsSame(AgentRuntime shown, AgentRuntime runtime) =>
        shown.State == runtime.State
        && shown.Fault == runtime.Fault
        && shown.ReadyBy == runtime.ReadyBy
        && shown.RestsUntil == runtime.RestsUntil
        && shown.IsDozing == runtime.IsDozing
        && shown.IsRouted == runtime.IsRouted;

    private void Renew(AgentRuntime runtime, TimeSpan now)
    {
        var wallNow = time.GetUtcNow();
        if (_shown?.State != runtime.State)
        {
            _since = wallNow;
        }

        if (_shown?.ReadyBy != runtime.ReadyBy)
        {
            _readyBy = runtime.ReadyBy is { } readyBy ? wallNow + (readyBy - now) : null;
        }

        if (_shown?.RestsUntil != runtime.RestsUntil)
        {
            _restsUntil = runtime.RestsUntil is { } restsUntil ? wallNow + (restsUntil - now) : null;
        }
    }

    /// <returns>The backend that is used no more; it goes when the view has changed.</returns>
    private Backend? Aim(AgentRuntime runtime, AgentDocument document)
    {
        var origin = runtime.Target is { } target && document.Target is AgentTarget.Service service
            ? new UriBuilder(Uri.UriSchemeHttp, target.Address, service.Port).Uri
            : null;
        if (origin == _origin && runtime.Generation == _generation && document.Timeouts.Connect == _connectTimeout)
        {
            return null;
        }

        var replaced = _backend;
        _origin = origin;
        _connectTimeout = document.Timeouts.Connect;
        Volatile.Write(ref _generation, runtime.Generation);
        _backend = origin is null ? null : new Backend(origin, document.Timeouts.Connect);
        return replaced;
    }
}
