using System.Text.Json;
using System.Threading.Channels;
using Drover.HostAgent.Inventory;
using Drover.Runtime.Docker.Events;
using Drover.Runtime.Journal;
using Drover.Wire.Agents;
using Microsoft.Extensions.Logging;

namespace Drover.HostAgent.Events;

/// <summary>
/// Turns what the engine tells into events on disk, in order. What was told is written to the ledger before the events
/// are, so that a power cut between the two costs at most those events and never tells one twice. Many at once share
/// one write. What the disk refused is counted, and told as an <c>alert.loss</c> as soon as it takes writes again.
/// Owns ledger and its loop.
/// </summary>
internal sealed partial class EventRecorder : IDisposable
{
    private const int MaxBatch = 256;
    private const int MaxQueued = 4096;
    private const string StoreName = "events";

    /// <summary>How often a disk that refused is tried again while nothing happens.</summary>
    private static readonly TimeSpan TryAgainAfter = TimeSpan.FromSeconds(10);

    private readonly long _run;
    private readonly LedgerFile _file;
    private readonly ContainerLedger _ledger;
    private readonly Spool _spool;
    private readonly EventForwarder _forwarder;
    private readonly TimeProvider _time;
    private readonly ILogger<EventRecorder> _logger;
    private readonly Channel<Input> _inputs = Channel.CreateBounded<Input>(
        new BoundedChannelOptions(MaxQueued) { SingleReader = true });

    private long _lost;

    /// <param name="run">Number of this run.</param>
    /// <param name="file">The ledger's file; owned from here on.</param>
    /// <param name="spool">Where events wait for the server.</param>
    /// <param name="forwarder">Told when there are new ones.</param>
    /// <param name="time">Dates what has no date of its own.</param>
    /// <param name="logger">For the person at the terminal.</param>
    internal EventRecorder(
        long run, LedgerFile file, Spool spool, EventForwarder forwarder, TimeProvider time,
        ILogger<EventRecorder> logger)
    {
        _run = run;
        _file = file;
        _ledger = new ContainerLedger(file.Read());
        _spool = spool;
        _forwarder = forwarder;
        _time = time;
        _logger = logger;
    }

    /// <summary>The engine told an event. Waits while the disk is behind, which in turn slows the reading of the
    /// engine.</summary>
    internal ValueTask TellAsync(DockerEvent happened, CancellationToken cancellationToken) =>
        _inputs.Writer.WriteAsync(new Input.Happened(happened), cancellationToken);

    /// <summary>Events may have been missed before this.</summary>
    internal ValueTask BeginGapAsync(CancellationToken cancellationToken) =>
        _inputs.Writer.WriteAsync(new Input.GapBegan(), cancellationToken);

    /// <summary>What was there after the gap.</summary>
    internal ValueTask CloseGapAsync(InventoryPicture picture, CancellationToken cancellationToken) =>
        _inputs.Writer.WriteAsync(new Input.GapClosed(picture), cancellationToken);

    /// <summary>Records until cancelled.</summary>
    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        var events = new List<AgentEventDto>();
        while (true)
        {
            await WaitAsync(cancellationToken);
            for (var count = 0; count < MaxBatch && _inputs.Reader.TryRead(out var input); count++)
            {
                Decide(input, events);
            }

            Record(events);
            events.Clear();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void Decide(Input input, List<AgentEventDto> events)
    {
        switch (input)
        {
            case Input.Happened(var happened):
                if (_ledger.Tell(happened, _time.GetUtcNow()) is { } one)
                {
                    events.Add(one);
                }

                break;
            case Input.GapBegan:
                _ledger.BeginGap();
                break;
            case Input.GapClosed(var picture):
                events.AddRange(_ledger.Tell(picture, _time.GetUtcNow()));
                break;
        }
    }

    /// <summary>Until there is something to do: news, or a loss that could not be written down yet.</summary>
    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        if (_lost == 0)
        {
            await _inputs.Reader.WaitToReadAsync(cancellationToken);
            return;
        }

        using var pause = new CancellationTokenSource(TryAgainAfter, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(pause.Token, cancellationToken);
        try
        {
            await _inputs.Reader.WaitToReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The pause is over.
        }
    }

    private void Record(List<AgentEventDto> events)
    {
        var kept = 0;
        try
        {
            _file.Write(_ledger);
            if (_lost > 0)
            {
                Append(ContainerEvents.Loss(StoreName, _lost, _time.GetUtcNow()));
                _lost = 0;
            }

            for (; kept < events.Count; kept++)
            {
                Append(events[kept]);
            }

            _spool.Flush();
        }
        catch (IOException error)
        {
            // What was appended goes out with the next flush that succeeds.
            _lost += events.Count - kept;
            LogNotKept(events.Count - kept, error.Message);
        }

        _forwarder.Wake();
    }

    private void Append(AgentEventDto one) => _spool.Append(
        JsonSerializer.SerializeToUtf8Bytes(new SpooledEvent(_run, one), AgentFilesJson.Default.SpooledEvent));

    private abstract record Input
    {
        internal sealed record Happened(DockerEvent Event) : Input;

        internal sealed record GapBegan : Input;

        internal sealed record GapClosed(InventoryPicture Picture) : Input;
    }

    [LoggerMessage(2040, LogLevel.Error, "cannot keep {Count} events: {Reason}; free some space in the data directory")]
    private partial void LogNotKept(int count, string reason);
}
