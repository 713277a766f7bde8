using Drover.Runtime.Events;
using Drover.Runtime.Events.Webhooks;
using Drover.Runtime.Metrics;
using Drover.Runtime.Uplink;
using Drover.Wire.Agents;
using Drover.Wire.People;
using Microsoft.Extensions.Logging;

namespace Drover.Supervisor.Daemon;

/// <summary>
/// Tells webhooks of a supervisor's events. One that is part of a component's record has its id from there, so that it
/// is the same when a supervisor that was killed tells it again; the others are numbered here. Where there are no
/// webhooks nothing is made. Owns the queues.
/// </summary>
internal sealed class WebhookTeller : IAsyncDisposable
{
    private readonly WebhookSet _webhooks;
    private readonly string _source;
    private readonly Lazy<long> _run;
    private long _number;

    internal WebhookTeller(SupervisorPaths paths, string name, ILoggerFactory loggers, TimeProvider time)
    {
        _source = $"/supervisors/{Uri.EscapeDataString(name)}";
        _run = new Lazy<long>(() => RunNumber.Take(paths.EventRun, time));
        _webhooks = new WebhookSet(
            paths.Webhooks, new EventMetrics(new MetricRegistry()), time, loggers.CreateLogger<WebhookSet>());
    }

    /// <summary>Takes what the user's file says now.</summary>
    /// <exception cref="IOException">A directory cannot be used; nothing changed.</exception>
    internal async Task ApplyAsync(IReadOnlyList<WebhookSpec> specs)
    {
        if (specs.Count > 0)
        {
            _ = _run.Value;
        }

        await _webhooks.ApplyAsync(specs);
    }

    /// <summary>Something happened. Never waits.</summary>
    /// <param name="one">The event.</param>
    /// <param name="mark">By which it is known when it is told again.</param>
    /// <param name="settled">Called once it need not be told again. On any thread.</param>
    internal void Tell(AgentEventDto one, EventMark? mark, Action? settled)
    {
        if (!_run.IsValueCreated)
        {
            settled?.Invoke();
            return;
        }

        var id = mark is null
            ? new EventCursor(_run.Value, Interlocked.Increment(ref _number)).ToString()
            : $"{mark.Stream}-{mark.Number}";
        _webhooks.Take(
            new EventDto(id, one.Type, one.Time, _source, one.Subject, one.Severity, one.Data), settled);
    }

    /// <summary>Puts on disk what was told, and gives receivers that answer a moment to take it.</summary>
    public ValueTask DisposeAsync() => _webhooks.DisposeAsync();
}
