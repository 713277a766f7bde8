using Drover.Runtime.Scheduling;
using Drover.Runtime.Uplink.Enrollment;
using Drover.Runtime.Uplink.Transport;
using Drover.Wire.Agents;
using Microsoft.Extensions.Logging;

namespace Drover.Runtime.Uplink;

/// <summary>
/// Says that this role lives, as often as the server asks. Its loop waits for nothing but its own clock and its own
/// call: neither a hung engine nor a large inventory can make a host look offline.
/// </summary>
public sealed partial class HeartbeatRunner : IDisposable
{
    private static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromHours(1);
    private static readonly TimeSpan GoodbyePatience = TimeSpan.FromSeconds(3);

    /// <summary>So many failures from the start on look like a server that is somewhere else.</summary>
    private const int FailuresOfAMove = 4;

    /// <summary>Between two heartbeats that a change asks for.</summary>
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(2);

    private readonly long _run;
    private readonly SignedClient _server;
    private readonly string _serverKey;
    private readonly IHeartbeatSubject _subject;
    private readonly ServerLink _link;
    private readonly PinKeeper _pins;
    private readonly KeyRotator _keys;
    private readonly TimeProvider _time;
    private readonly ILogger<HeartbeatRunner> _logger;
    private readonly RetryPacer _unreachable;
    private readonly RetryPacer _refused;
    private readonly Signal _early;
    private long _seq;
    private int _failures;

    /// <param name="run">Number of this run.</param>
    /// <param name="server">Who is told.</param>
    /// <param name="serverKey">Where a person writes the server's address.</param>
    /// <param name="subject">What is told besides.</param>
    /// <param name="link">Where the outcome is shown.</param>
    /// <param name="pins">Who follows the server's certificate.</param>
    /// <param name="keys">Who makes a new key when the server orders one.</param>
    /// <param name="time">Paces the loop.</param>
    /// <param name="random">Jitter of retries.</param>
    /// <param name="logger">For the person at the terminal.</param>
    internal HeartbeatRunner(
        long run, SignedClient server, string serverKey, IHeartbeatSubject subject, ServerLink link,
        PinKeeper pins, KeyRotator keys, TimeProvider time, Random random, ILogger<HeartbeatRunner> logger)
    {
        _run = run;
        _server = server;
        _serverKey = serverKey;
        _subject = subject;
        _link = link;
        _pins = pins;
        _keys = keys;
        _time = time;
        _logger = logger;
        _unreachable = new RetryPacer(TimeSpan.FromSeconds(1), DefaultInterval, random);
        _refused = new RetryPacer(TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), random);
        _early = new Signal(time);
        subject.Changed += _early.Set;
    }

    /// <summary>Beats until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (!_subject.IsKnown)
        {
            await _early.WaitAsync(StartPatience, cancellationToken);
        }

        while (true)
        {
            var pause = await BeatAsync(cancellationToken);
            var early = pause > ShortestInterval && await _early.WaitAsync(pause, cancellationToken);
            if (early || pause <= ShortestInterval)
            {
                await Task.Delay(ShortestInterval, _time, cancellationToken);
            }
        }
    }

    /// <summary>Tells the server that this role stops on purpose; a server that is away is not waited for.</summary>
    public async Task SayGoodbyeAsync(CancellationToken cancellationToken)
    {
        using var patience = new Deadline(_time, GoodbyePatience, cancellationToken);
        try
        {
            await _server.HeartbeatAsync(Next() with { Goodbye = true }, patience.Token);
        }
        catch (Exception error) when (error is ServerCallException or OperationCanceledException)
        {
            LogNoGoodbye(error.Message);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _subject.Changed -= _early.Set;
        _early.Dispose();
    }

    private async Task<TimeSpan> BeatAsync(CancellationToken cancellationToken)
    {
        try
        {
            var held = _subject.InventoryVersion;
            var sent = Next();
            var answer = await _server.HeartbeatAsync(sent, cancellationToken);
            _pins.Learn(sent, answer);
            if (_link.Failure is not null)
            {
                LogLinked();
            }

            _link.Worked(_time.GetUtcNow());
            _unreachable.Reset();
            _refused.Reset();
            if (answer.Resync && held == _subject.InventoryVersion)
            {
                // Else an inventory was on its way meanwhile and the hashes could not agree; the next heartbeat tells.
                _subject.SendInventoryAgain("the server asked for it in answer to a heartbeat");
            }

            if (answer.NewKey is true)
            {
                await _keys.RotateAsync(cancellationToken);
            }

            return answer.NextIn > 0 ? Clamp(TimeSpan.FromSeconds(answer.NextIn)) : DefaultInterval;
        }
        catch (ServerCallException error)
        {
            var pause = error.Failure == ServerFailure.Unreachable
                ? _unreachable.Next(error.RetryAfter)
                : _refused.Next(error.RetryAfter);
            _link.Failed(error.Message);
            LogFailed(error.Message, (int)Math.Ceiling(pause.TotalSeconds));
            if (++_failures == FailuresOfAMove && _link.LastHeartbeat is null && !error.IsDistrust)
            {
                LogMoved(_server.Address, _serverKey);
            }

            return Clamp(pause);
        }
    }

    private HeartbeatRequest Next() => new(
        _run, ++_seq, _subject.InventoryHash, _subject.Docker, _time.GetUtcNow().ToUnixTimeMilliseconds())
    {
        NextPin = _pins.NextPin,
    };

    private static TimeSpan Clamp(TimeSpan interval) =>
        interval < ShortestInterval ? ShortestInterval : interval > LongestInterval ? LongestInterval : interval;

    [LoggerMessage(3520, LogLevel.Information, "the server answers heartbeats")]
    private partial void LogLinked();

    [LoggerMessage(
        3523,
        LogLevel.Warning,
        "{Server} has not answered since the start; if the server has moved, give its new address as {ServerKey}: the "
            + "credentials stay good")]
    private partial void LogMoved(string server, string serverKey);

    [LoggerMessage(3521, LogLevel.Warning, "{Reason}; next heartbeat in {Seconds} s")]
    private partial void LogFailed(string reason, int seconds);

    [LoggerMessage(3522, LogLevel.Warning, "stopped without a goodbye: {Reason}")]
    private partial void LogNoGoodbye(string reason);
}
