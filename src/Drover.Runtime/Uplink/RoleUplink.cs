using Drover.Runtime.Files;
using Drover.Runtime.Journal;
using Drover.Runtime.Scheduling;
using Drover.Runtime.Uplink.Enrollment;
using Drover.Wire.Agents;
using Microsoft.Extensions.Logging;

namespace Drover.Runtime.Uplink;

/// <summary>
/// The one way in which a role that works without its server tells it what happens: it enrolls with its kind in the
/// background, beats, and forwards its events, stored on disk while the server is away, in order, once. It never holds
/// up or ends its role: whatever goes wrong with the server is a log line and another try. Owns the spool and its
/// loops.
/// </summary>
public sealed partial class RoleUplink : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(3);

    private readonly UplinkSpec _spec;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger<RoleUplink> _logger;
    private readonly TimeProvider _time;
    private readonly Lock _recording = new();
    private readonly Spool _spool;
    private readonly long _run;
    private readonly EventKeeper _keeper;
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _link;
    private UplinkParts? _parts;
    private string? _unjoined = "not enrolled yet";
    private HeartbeatRunner? _heartbeats;

    private RoleUplink(UplinkSpec spec, ILoggerFactory loggers, TimeProvider time)
    {
        (_spec, _loggers, _time) = (spec, loggers, time);
        _logger = loggers.CreateLogger<RoleUplink>();
        OwnedDirectory.Ensure(spec.Directory);
        _run = RunNumber.Take(spec.RunFile, time);
        _spool = Spool.Open(spec.EventsDirectory, new SpoolOptions(spec.EventSpoolBytes));
        try
        {
            var marks = EventMarks.Open(Path.Combine(spec.Directory, "told"), _spool);
            _keeper = new EventKeeper(
                _run, _spool, marks, _recording, () => Volatile.Read(ref _parts)?.Forwarder.Wake(), time,
                loggers.CreateLogger<EventKeeper>());
        }
        catch
        {
            _spool.Dispose();
            throw;
        }

        _link = Task.Run(() => GuardAsync(LinkAsync), CancellationToken.None);
    }

    /// <summary>Events on disk that the server has not acknowledged.</summary>
    public long Waiting => _spool.Count;

    /// <summary>The server's address; null while it is not known.</summary>
    public Uri? Server => Volatile.Read(ref _parts)?.Server ?? _spec.Server;

    /// <summary>Why events do not reach the server; null while the link is good.</summary>
    public string? Failure =>
        Volatile.Read(ref _parts) is { } parts ? parts.Link.Failure : Volatile.Read(ref _unjoined);

    /// <summary>Opens the spool and begins; returns before the server was asked anything.</summary>
    /// <exception cref="IOException">The directory cannot be used.</exception>
    public static RoleUplink Start(UplinkSpec spec, ILoggerFactory loggers, TimeProvider time) =>
        new(spec, loggers, time);

    /// <summary>Something happened. Never waits.</summary>
    /// <param name="one">The event.</param>
    /// <param name="mark">By which it is known when it is told again; null for one that never is.</param>
    /// <param name="settled">Called once it need not be told again: kept on disk, or dropped and counted. On any
    /// thread.</param>
    public void Tell(AgentEventDto one, EventMark? mark = null, Action? settled = null) =>
        _keeper.Tell(one, mark, settled);

    /// <summary>
    /// Puts on disk what was told, gives a server that answers a moment to take it, and says goodbye. What is left goes
    /// out with the next start.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        using var patience = new Deadline(_time, EndPatience, cancellationToken);
        await _keeper.CompleteAsync(patience.Token);
        if (Volatile.Read(ref _parts) is { Link.Failure: null } parts)
        {
            await parts.Forwarder.SettleAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await _ending.CancelAsync();
        await _link.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_heartbeats is not null && _parts is { Link.Failure: null })
        {
            await _heartbeats.SayGoodbyeAsync(cancellationToken);
        }
    }

    /// <summary>Ends at once, without a word to the server.</summary>
    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _link.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _keeper.DisposeAsync();
        _heartbeats?.Dispose();
        _parts?.Dispose();
        _spool.Dispose();
        _ending.Dispose();
    }

    private async Task LinkAsync(CancellationToken cancellationToken)
    {
        if (await JoinAsync(cancellationToken) is not { } parts)
        {
            return;
        }

        _heartbeats = parts.NewHeartbeats(new BareHeartbeat());
        Volatile.Write(ref _parts, parts);
        await Task.WhenAll(GuardAsync(parts.Forwarder.RunAsync), GuardAsync(_heartbeats.RunAsync));
    }

    private async Task GuardAsync(Func<CancellationToken, Task> loop)
    {
        try
        {
            await loop(_ending.Token);
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested)
        {
            // The ordinary end.
        }
        catch (Exception error)
        {
            LogDefect(error);
        }
    }

    /// <summary>The parts of an enrolled role; null when only a person can help.</summary>
    private async Task<UplinkParts?> JoinAsync(CancellationToken cancellationToken)
    {
        var store = new CredentialsStore(_spec.CredentialsFile);
        var enroller = new Enroller(
            _spec, store, docker: null, _time, UplinkParts.NewRandom(), _loggers.CreateLogger<Enroller>());
        var pacer = new RetryPacer(FirstPause, LongestPause, UplinkParts.NewRandom());
        while (true)
        {
            try
            {
                var credentials = await enroller.EnsureAsync(cancellationToken);
                return new UplinkParts(_spec, store, credentials, _run, _spool, _loggers, _time, _recording);
            }
            catch (EnrollmentException error) when (error.InnerException is IOException or UnauthorizedAccessException)
            {
                var pause = pacer.Next();
                Volatile.Write(ref _unjoined, error.Message);
                LogNotYet(error.Message, pause);
                await Task.Delay(pause, _time, cancellationToken);
            }
            catch (EnrollmentException error)
            {
                Volatile.Write(ref _unjoined, error.Message);
                LogAlone(error.Message);
                return null;
            }
        }
    }

    [LoggerMessage(3550, LogLevel.Warning, "{Reason}; events are kept, next try in {Pause}")]
    private partial void LogNotYet(string reason, TimeSpan pause);

    [LoggerMessage(
        3551, LogLevel.Error,
        "{Reason}. Events are kept on disk until then; the next start tries again")]
    private partial void LogAlone(string reason);

    [LoggerMessage(3552, LogLevel.Critical, "the link to the server ended by a defect; events are kept on disk")]
    private partial void LogDefect(Exception error);
}
