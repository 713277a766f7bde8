using System.Runtime.CompilerServices;
using Drover.Runtime.Docker.Engine;
using Drover.Runtime.Docker.Transport;

namespace Drover.Runtime.Docker.Events;

/// <summary>What happens at the engine.</summary>
public sealed class EventOperations
{
    private readonly EngineTransport _transport;
    private readonly SystemOperations _system;

    internal EventOperations(EngineTransport transport, SystemOperations system)
    {
        _transport = transport;
        _system = system;
    }

    /// <summary>
    /// One connection's events: buffered ones from <paramref name="since"/> on (the engine keeps the last 256 or so,
    /// until it
    /// restarts), then new ones. Ends at <paramref name="until"/> or with an exception. For a watch that mends itself
    /// use <see cref="Watch"/>.
    /// </summary>
    public async IAsyncEnumerable<DockerEvent> ReadAsync(
        DockerFilters? filters,
        EngineTimestamp? since,
        EngineTimestamp? until,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var stream = await OpenAsync(filters, since, until, cancellationToken);
        await foreach (var happened in ReadAsync(stream, cancellationToken))
        {
            yield return happened;
        }
    }

    /// <summary>A watch over the engine that reconnects by itself; nothing runs until it is read.</summary>
    public EngineWatch Watch(EngineWatchOptions? options = null) =>
        new(this, _system, _transport.Time, options ?? new EngineWatchOptions());

    internal Task<EngineStream> OpenAsync(
        DockerFilters? filters, EngineTimestamp? since, EngineTimestamp? until, CancellationToken cancellationToken) =>
        _transport.OpenAsync(
            EngineRequest.Get("/events", "follow Docker's events") with
            {
                Query = new EngineQuery().Add("since", since).Add("until", until).Add(filters),
            },
            cancellationToken);

    internal async IAsyncEnumerable<DockerEvent> ReadAsync(
        EngineStream stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var lines = JsonLines.ReadAsync(
            stream, EventJson.Default.RawEvent, _transport.Options.MaxLineBytes, cancellationToken);
        await foreach (var raw in lines)
        {
            yield return raw.ToEvent();
        }
    }
}
