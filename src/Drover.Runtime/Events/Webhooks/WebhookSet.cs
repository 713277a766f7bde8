using System.Security.Cryptography;
using Drover.Runtime.Files;
using Drover.Wire.People;
using Microsoft.Extensions.Logging;

namespace Drover.Runtime.Events.Webhooks;

/// <summary>
/// The receivers of a role's events, and their reload: who stays keeps what it has still to be told; who goes is told
/// no more, and what waits for it stays on disk until its name comes back. Thread-safe. Owns its directory.
/// </summary>
public sealed partial class WebhookSet : IEventSink, IAsyncDisposable
{
    private readonly string _directory;
    private readonly EventMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger<WebhookSet> _logger;
    private readonly SemaphoreSlim _applying = new(1);
    private IReadOnlyList<WebhookSink> _sinks = [];

    /// <param name="directory">A directory of its own, below one that is there.</param>
    /// <param name="metrics">Counts; told here how receivers stand.</param>
    /// <param name="time">Paces retries.</param>
    /// <param name="logger">For the person at the terminal.</param>
    public WebhookSet(string directory, EventMetrics metrics, TimeProvider time, ILogger<WebhookSet> logger)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        (_directory, _metrics, _time, _logger) = (directory, metrics, time, logger);
        metrics.ReadFrom(() => Statuses);
    }

    /// <summary>How all of them stand, in the order of the file.</summary>
    public IReadOnlyList<WebhookStatus> Statuses => [.. Sinks.Select(sink => sink.Status)];

    private IReadOnlyList<WebhookSink> Sinks => Volatile.Read(ref _sinks);

    /// <summary>Takes what the user's file says now.</summary>
    /// <exception cref="IOException">A directory cannot be used; nothing changed.</exception>
    public async Task ApplyAsync(IReadOnlyList<WebhookSpec> specs)
    {
        ArgumentNullException.ThrowIfNull(specs);
        await _applying.WaitAsync();
        try
        {
            var before = Sinks.ToDictionary(sink => sink.Spec.Name, StringComparer.Ordinal);
            var opened = new List<WebhookSink>();
            try
            {
                var now = specs.Select(spec => before.GetValueOrDefault(spec.Name) ?? Open(spec, opened)).ToList();
                foreach (var (sink, spec) in now.Zip(specs))
                {
                    if (!ReferenceEquals(sink.Spec, spec))
                    {
                        sink.Spec = spec;
                    }
                }

                Volatile.Write(ref _sinks, now);
            }
            catch
            {
                await EndAsync(opened);
                throw;
            }

            await EndAsync(before.Values.Except(Sinks));
        }
        finally
        {
            _applying.Release();
        }
    }

    /// <inheritdoc/>
    public void Take(RoleEvent one)
    {
        ArgumentNullException.ThrowIfNull(one);
        Take(one.ToDto(), settled: null);
    }

    /// <summary>Takes an event. Never waits.</summary>
    /// <param name="one">The event.</param>
    /// <param name="settled">Called once it need not be taken again: on disk for everyone who wants it, or dropped and
    /// counted. On any thread.</param>
    public void Take(EventDto one, Action? settled)
    {
        ArgumentNullException.ThrowIfNull(one);
        var wanting = Sinks.Where(sink => sink.Spec.Wants(one.Type)).ToList();
        if (wanting.Count == 0)
        {
            settled?.Invoke();
            return;
        }

        var left = wanting.Count;
        Action? each = settled is null ? null : () =>
        {
            if (Interlocked.Decrement(ref left) == 0)
            {
                settled();
            }
        };
        wanting.ForEach(sink => sink.Take(one, each));
    }

    /// <summary>Takes events and returns when they are on disk for everyone who wants them.</summary>
    public Task KeepAsync(IReadOnlyList<EventDto> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        return Task.WhenAll(events.Select(one =>
        {
            var settled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Take(one, settled.SetResult);
            return settled.Task;
        }));
    }

    /// <summary>The oldest dead letters of a receiver; null: there is none of that name.</summary>
    public IReadOnlyList<DeadLetter>? ReadDeadLetters(string webhook, int limit) =>
        Find(webhook)?.ReadDeadLetters(limit);

    /// <summary>Sends a receiver's dead letters again. How many; null: there is none of that name.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public int? Resend(string webhook) => Find(webhook)?.Resend();

    /// <summary>
    /// Puts on disk what was taken, and gives receivers that answer a moment to take it; the rest goes out with the
    /// next start.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        await _applying.WaitAsync();
        await EndAsync(Interlocked.Exchange(ref _sinks, []));
        _applying.Dispose();
    }

    private static Task EndAsync(IEnumerable<WebhookSink> sinks) =>
        Task.WhenAll(sinks.Select(sink => sink.DisposeAsync().AsTask()));

    private WebhookSink? Find(string webhook) => Sinks.FirstOrDefault(sink => sink.Spec.Name == webhook);

    private WebhookSink Open(WebhookSpec spec, List<WebhookSink> opened)
    {
        OwnedDirectory.Ensure(_directory);
        OwnedDirectory.Ensure(Path.Combine(_directory, spec.Name));
        var random = new Random(RandomNumberGenerator.GetInt32(int.MaxValue));
        var sink = new WebhookSink(spec, _directory, _metrics, _time, random, _logger);
        opened.Add(sink);
        return sink;
    }
}
