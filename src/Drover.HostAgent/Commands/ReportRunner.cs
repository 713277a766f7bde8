using System.Text.Json;
using Drover.Core.Backoff;
using Drover.Runtime.Faults;
using Drover.Runtime.Journal;
using Drover.Runtime.Scheduling;
using Drover.Runtime.Uplink.Transport;
using Drover.Wire.Commands;
using Microsoft.Extensions.Logging;

namespace Drover.HostAgent.Commands;

/// <summary>
/// Owns the loop that brings reports to the server: kept on disk until accepted, sent in order, tried again with a
/// growing pause while the server is away. A report that the server will never take (400, 404) is settled with an
/// alert and does not hold up the others.
/// </summary>
internal sealed partial class ReportRunner : IDisposable
{
    private const int MaxHeldInMemory = 64;

    // Largest report that the server takes; a small spool takes less.
    private const int MaxReportBytes = 4 << 20;
    private static readonly BackoffPolicy Backoff =
        new(TimeSpan.FromSeconds(1), factor: 2, cap: TimeSpan.FromSeconds(30), jitter: 0.1);

    private readonly Spool _spool;
    private readonly ExecutionJournal _journal;
    private readonly ICommandServer _server;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly ReportLoss _onLoss;
    private readonly ILogger _log;
    private readonly Signal _work;
    private readonly Signal _serverSpoke;
    private readonly Queue<ReportRequest> _held = new();
    private readonly int _largest;

    /// <param name="spool">Owned from here on.</param>
    /// <param name="journal">Told what is settled.</param>
    /// <param name="server">Where reports go.</param>
    /// <param name="time">For pauses.</param>
    /// <param name="random">For jitter; used by this loop alone.</param>
    /// <param name="onLoss">Told of every report that nobody will ever get.</param>
    /// <param name="log">For the person at the terminal.</param>
    public ReportRunner(
        Spool spool,
        ExecutionJournal journal,
        ICommandServer server,
        TimeProvider time,
        Random random,
        ReportLoss onLoss,
        ILogger log)
    {
        (_spool, _journal, _server, _time, _random, _onLoss, _log) =
            (spool, journal, server, time, random, onLoss, log);
        (_work, _serverSpoke) = (new Signal(time), new Signal(time));
        _largest = Math.Min(MaxReportBytes, spool.MaxEntryBytes);
        Requeue();
    }

    /// <summary>Reports that the server does not have yet.</summary>
    public long Waiting
    {
        get
        {
            lock (_held)
            {
                return _spool.Count + _held.Count;
            }
        }
    }

    /// <summary>Takes a report; it is on disk when this returns.</summary>
    public void Add(ReportRequest report)
    {
        var fitting = Fitting(report);
        try
        {
            _spool.Append(Serialize(fitting));
            _spool.Flush();
            FaultPoint.Reach(FaultPoints.ReportSpooled);
        }
        catch (IOException error)
        {
            // A full disk: kept in memory while there is room. Beyond that the journal or a redelivery brings it back.
            LogDiskRefused(report.CommandId, error.Message);
            lock (_held)
            {
                if (_held.Count < MaxHeldInMemory)
                {
                    _held.Enqueue(fitting);
                }
            }
        }

        _work.Set();
    }

    /// <summary>The server is there and wants a report that waits here: a pause after a failure ends now, unless the
    /// server asked for it.</summary>
    public void Hurry() => _serverSpoke.Set();

    /// <summary>Sends until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var failures = 0;
        while (true)
        {
            try
            {
                while (await SendNextAsync(cancellationToken))
                {
                    failures = 0;
                }

                await _work.WaitAsync(cancellationToken);
            }
            catch (ServerCallException error)
            {
                failures++;
                var pause = error.RetryAfter ?? Backoff.Delay(failures, _random);
                LogNotSent(Waiting, pause.TotalSeconds, error.Message);
                if (error.RetryAfter is not null)
                {
                    await Task.Delay(pause, _time, cancellationToken);
                }
                else if (await _serverSpoke.WaitAsync(pause, cancellationToken))
                {
                    failures = 0;
                }
            }
            catch (IOException error)
            {
                failures++;
                LogDiskRefused("?", error.Message);
                await Task.Delay(Backoff.Delay(failures, _random), _time, cancellationToken);
            }
        }
    }

    /// <summary>One last try for everything that waits, when the agent stops; what fails stays on disk.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (await SendNextAsync(cancellationToken))
            {
            }
        }
        catch (Exception error) when (error is ServerCallException or IOException or OperationCanceledException)
        {
            LogNotSent(Waiting, 0, error.Message);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _spool.Dispose();
        _work.Dispose();
        _serverSpoke.Dispose();
    }

    // A report may be in the journal alone: the agent was killed after it wrote the one and before the other.
    private void Requeue()
    {
        var spooled = _spool.Peek(int.MaxValue, int.MaxValue).Entries
            .Select(entry => Deserialize(entry.Payload)?.CommandId)
            .ToHashSet(StringComparer.Ordinal);
        foreach (var entry in _journal.Unsettled()
            .Where(entry => entry.Report is not null && !spooled.Contains(entry.CommandId)))
        {
            Add(entry.Report!);
        }
    }

    private async Task<bool> SendNextAsync(CancellationToken cancellationToken)
    {
        var batch = _spool.Peek(maxEntries: 1, maxBytes: int.MaxValue);
        if (batch.Lost > 0)
        {
            // Told first and acknowledged then, so that a cut between the two tells twice and never not at all.
            _onLoss("command reports", batch.Lost);
            _spool.Acknowledge(batch.Entries[0].Number - 1);
        }

        if (batch.Entries is [var entry])
        {
            if (Deserialize(entry.Payload) is { } report)
            {
                await SendAsync(report, cancellationToken);
            }

            _spool.Acknowledge(entry.Number);
            return true;
        }

        ReportRequest? held;
        lock (_held)
        {
            _held.TryPeek(out held);
        }

        if (held is null)
        {
            return false;
        }

        await SendAsync(held, cancellationToken);
        lock (_held)
        {
            _held.Dequeue();
        }

        return true;
    }

    private async Task SendAsync(ReportRequest report, CancellationToken cancellationToken)
    {
        try
        {
            await _server.ReportAsync(report, cancellationToken);
            FaultPoint.Reach(FaultPoints.ReportSent);
        }
        catch (ServerCallException error) when (error.Failure is ServerFailure.Rejected)
        {
            LogRejected(report.CommandId, error.Message);
            _onLoss($"report of command {report.CommandId}", 1);
        }

        try
        {
            _journal.Settle(report.CommandId);
            FaultPoint.Reach(FaultPoints.ReportSettled);
        }
        catch (IOException error)
        {
            // The server has it; should it be asked for again, it is sent again and changes nothing.
            LogDiskRefused(report.CommandId, error.Message);
        }
    }

    private ReportRequest Fitting(ReportRequest report)
    {
        var size = Serialize(report).Length;
        if (size <= _largest)
        {
            return report;
        }

        var type =
            report.Result is { } result && result.TryGetProperty("type", out var name) ? name.GetString() ?? "" : "";
        var appCode =
            report.Result is { } known && known.TryGetProperty("app_code", out var code) ? code.GetString() : null;
        var error = new CommandErrorDto(
            CommandErrors.Internal,
            $"cannot report command \"{report.CommandId}\": its result has {size} bytes and {_largest} can be kept; "
                + "ask for less, or give host_agent.report_spool more room");
        var outcome = FailureResults.Of(type, report.DeploymentHash, appCode, error);
        return report with
        {
            Status = ReportRequest.Failed,
            Result = outcome.Result,
            Error = error.Message,
            Errors = outcome.Errors,
        };
    }

    private static byte[] Serialize(ReportRequest report) =>
        JsonSerializer.SerializeToUtf8Bytes(report, JournalJson.Default.ReportRequest);

    private static ReportRequest? Deserialize(ReadOnlyMemory<byte> payload)
    {
        try
        {
            return JsonSerializer.Deserialize(payload.Span, JournalJson.Default.ReportRequest);
        }
        catch (JsonException)
        {
            // Written by a version that knew more; the server's lease brings the command back.
            return null;
        }
    }

    [LoggerMessage(
        2301,
        LogLevel.Warning,
        "cannot bring {Count} command reports to the server, next try in {Seconds:0.#} s: {Why}")]
    private partial void LogNotSent(long count, double seconds, string why);

    [LoggerMessage(
        2302, LogLevel.Error, "the server will not take the report of command {CommandId}; it is dropped: {Why}")]
    private partial void LogRejected(string commandId, string why);

    [LoggerMessage(2303, LogLevel.Error, "cannot keep the report of command {CommandId} on disk: {Why}")]
    private partial void LogDiskRefused(string commandId, string why);
}

/// <summary>Told of reports that nobody will ever get.</summary>
/// <param name="store">What was lost from.</param>
/// <param name="dropped">How many.</param>
internal delegate void ReportLoss(string store, long dropped);
