using Drover.Core.Events;
using Drover.Runtime.Events;
using Drover.Runtime.Events.Webhooks;
using Drover.Runtime.Metrics;
using Drover.Testing.Agents;
using Drover.Testing.Network;
using Drover.Testing.Time;
using Microsoft.Extensions.Logging;

namespace Drover.Runtime.Tests.Events.Webhooks;

/// <summary>The events of a role with webhooks, on a clock that a test moves, over as many lives as it wants.</summary>
internal sealed class WebhookBench : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly LoggerFactory _loggers;
    private long _run = 6;
    private EventJournal? _journal;

    public WebhookBench() => _loggers = new LoggerFactory([Log]);

    public FakeClock Clock { get; } = new(new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero));

    public CollectedLog Log { get; } = new();

    public MetricRegistry Metrics { get; private set; } = new();

    public WebhookSet Set { get; private set; } = null!;

    public string Folder => _directory.Path;

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    /// <summary>A receiver of that address.</summary>
    public static WebhookSpec Spec(Uri address, string name = "ops") => new() { Name = name, Url = address };

    /// <summary>Begins a life of the role.</summary>
    public async Task StartAsync(params IReadOnlyList<WebhookSpec> specs)
    {
        Metrics = new MetricRegistry();
        var counts = new EventMetrics(Metrics);
        Set = new WebhookSet(
            Path.Combine(_directory.Path, "webhooks"), counts, Clock, _loggers.CreateLogger<WebhookSet>());
        await Set.ApplyAsync(specs);
        _journal = new EventJournal(
            "/gateways/edge", ++_run, [counts, Set], Clock, _loggers.CreateLogger<EventJournal>());
    }

    public void Publish(EventType type, string subject, params (string Name, object? Value)[] data) =>
        _journal!.Publish(type, subject, data);

    /// <summary>So many agents become ready, one after the other.</summary>
    public void PublishReady(int count)
    {
        for (var at = 0; at < count; at++)
        {
            Publish(EventTypes.AgentReady, "scout");
        }
    }

    public WebhookStatus Status(string name = "ops") => Set.Statuses.Single(status => status.Name == name);

    public Task UntilAsync(Func<WebhookStatus, bool> condition, string what, string name = "ops") =>
        Until.TrueAsync(() => condition(Status(name)), what, Ending);

    /// <summary>Goes on in time until something is so; what waits for a time to pass has its turn.</summary>
    public async Task AdvanceUntilAsync(Func<bool> condition, TimeSpan step, string what)
    {
        await Until.TrueAsync(
            () =>
            {
                if (condition())
                {
                    return true;
                }

                Clock.Advance(step);
                return condition();
            },
            what,
            Ending);
    }

    /// <summary>Ends this life in good order.</summary>
    public async Task StopAsync()
    {
        if (_journal is { } journal)
        {
            _journal = null;
            await journal.DisposeAsync();
            var ending = Set.DisposeAsync().AsTask();
            while (!await ending.WithinAsync(TimeSpan.FromMilliseconds(500), TimeProvider.System, Ending))
            {
                // What is left waits for a receiver that does not answer, as long as its patience lasts.
                Clock.Advance(TimeSpan.FromSeconds(1));
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _loggers.Dispose();
        Log.Dispose();
        _directory.Dispose();
    }
}

/// <summary>Everything a role logs, as text.</summary>
internal sealed class CollectedLog : ILoggerProvider
{
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];

    public string Text
    {
        get
        {
            lock (_gate)
            {
                return string.Join('\n', _lines);
            }
        }
    }

    public ILogger CreateLogger(string categoryName) => new Logger(this);

    public void Dispose()
    {
    }

    private sealed class Logger(CollectedLog owner) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            lock (owner._gate)
            {
                owner._lines.Add($"{logLevel} {formatter(state, exception)} {exception}");
            }
        }
    }
}
