using System.Globalization;
using Drover.Core.Audit;
using Drover.Core.Redaction;
using Drover.Runtime.Storage;
using Drover.Server.Hosting;
using Microsoft.Extensions.Logging;

namespace Drover.Server.Features.Audit;

/// <summary>
/// Writes down refused writes. The audit is never pruned, so that a minute has room for a bounded number of them, apart
/// for strangers and for callers who are known: nobody can hide behind the noise of somebody else, and nobody can fill
/// the disk by knocking. What is beyond that is counted, and the count is an entry too.
/// The refusal itself does not wait for the disk: a full one must not open the door, nor hide that it is shut.
/// </summary>
internal sealed partial class RefusalAudit(
    Database database, AuditLog audit, TimeProvider time, ILogger<RefusalAudit> logger) : IAsyncDisposable
{
    /// <summary>Refusals of strangers recorded one by one in a minute.</summary>
    public const int StrangersPerMinute = 10;

    /// <summary>Refusals of callers with valid credentials recorded one by one in a minute.</summary>
    public const int KnownPerMinute = 60;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private TimeSpan _windowStart;
    private int _strangers;
    private int _known;
    private long _counted;
    private ITimer? _timer;

    /// <summary>Notes a refused write.</summary>
    public void Note(AuditAction action, AuditActor actor, string target, string reason)
    {
        long counted;
        bool isRecorded;
        lock (_gate)
        {
            counted = TakeCountOfLastWindow(time.Monotonic());
            isRecorded = actor.Kind == AuditActorKinds.Stranger
                ? _strangers++ < StrangersPerMinute
                : _known++ < KnownPerMinute;
            if (!isRecorded)
            {
                _counted++;
                _timer ??= time.CreateTimer(_ => TellCount(), null, Window, Timeout.InfiniteTimeSpan);
            }
        }

        Tell(counted);
        if (isRecorded)
        {
            // Who is refused chose the target; it may be a secret that was pasted into the wrong place.
            Write(actor, action, SecretRedactor.Redact(target).Text, ("reason", reason));
        }
    }

    /// <summary>Tells of what was only counted so far.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_timer is { } timer)
        {
            await timer.DisposeAsync();
        }

        TellCount();
    }

    private void TellCount()
    {
        long counted;
        lock (_gate)
        {
            (counted, _counted) = (_counted, 0);
            _timer?.Dispose();
            _timer = null;
        }

        Tell(counted);
    }

    private long TakeCountOfLastWindow(TimeSpan now)
    {
        if (now - _windowStart < Window)
        {
            return 0;
        }

        (_windowStart, _strangers, _known) = (now, 0, 0);
        var counted = _counted;
        _counted = 0;
        return counted;
    }

    private void Tell(long counted)
    {
        if (counted > 0)
        {
            Write(
                AuditActor.System("access"),
                AuditActions.AccessRefusals,
                string.Empty,
                ("count", counted.ToString(CultureInfo.InvariantCulture)));
        }
    }

    private void Write(AuditActor actor, AuditAction action, string target, (string, string?) detail) =>
        database.WriteAsync(
                session => audit.Append(session, actor, action, target, AuditOutcomes.Denied, detail),
                CancellationToken.None)
            .ContinueWith(
                failed => LogNotStored(logger, actor.Name, action.Name, failed.Exception!),
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnFaulted,
                TaskScheduler.Default);

    [LoggerMessage(1320, LogLevel.Error, "The refusal of {Action} to {Actor} could not be stored in the audit")]
    private static partial void LogNotStored(ILogger logger, string actor, string action, Exception exception);
}
