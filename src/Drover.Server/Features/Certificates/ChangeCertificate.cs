using Drover.Core.Audit;
using Drover.Core.Events;
using Drover.Runtime.Storage;
using Drover.Server.Features.Audit;
using Drover.Server.Features.Events;
using Microsoft.Extensions.Logging;

namespace Drover.Server.Features.Certificates;

/// <summary>Announces and switches certificates, and writes down that it did.</summary>
internal sealed partial class ChangeCertificate(
    ServerCertificates certificates,
    Database database,
    EventLog events,
    AuditLog audit,
    TimeProvider time,
    ILogger<ChangeCertificate> logger)
{
    private static readonly AuditActor Itself = AuditActor.System("certificate renewal");

    /// <summary>An admin wants another certificate; see <see cref="ServerCertificates.Announce"/>.</summary>
    public async Task<CertificateState> RotateAsync(
        TimeSpan after, AuditActor by, CancellationToken cancellationToken)
    {
        var state = await database.WriteAsync(
            session =>
            {
                // The file is written within the transaction: when one of them fails, the operator is told so.
                var announced = certificates.Announce(after);
                Record(session, announced, by);
                return announced;
            },
            cancellationToken);
        await LookAsync();
        return certificates.Now ?? state;
    }

    /// <summary>Does what is due.</summary>
    public async Task LookAsync()
    {
        switch (certificates.Look())
        {
            case CertificateChange.Announced announced:
                LogAnnounced(logger, $"{announced.State.Next!.Pin}", announced.State.SwitchAt.GetValueOrDefault());
                await database.WriteAsync(
                    session => Record(session, announced.State, Itself), CancellationToken.None);
                break;
            case CertificateChange.Switched switched:
                var pin = $"{switched.State.Current.Pin}";
                LogSwitched(logger, pin);
                await database.WriteAsync(
                    session =>
                    {
                        events.Append(
                            session,
                            new EventDraft(EventTypes.CertificateSwitched, time.GetUtcNow(), null)
                            {
                                Data = EventDraft.Fields(("pin", pin), ("before", $"{switched.Before}")),
                            });
                        audit.Append(
                            session, Itself, AuditActions.CertificateSwitch, pin, AuditOutcomes.Done,
                            ("before", $"{switched.Before}"));
                    },
                    CancellationToken.None);
                break;
            case CertificateChange.Refused refused:
                LogRefused(logger, refused.Why);
                break;
        }
    }

    private void Record(DbSession session, CertificateState state, AuditActor by)
    {
        var pin = $"{state.Next!.Pin}";
        var at = state.SwitchAt.GetValueOrDefault().ToString("O");
        events.Append(
            session,
            new EventDraft(EventTypes.CertificateAnnounced, time.GetUtcNow(), null)
            {
                Data = EventDraft.Fields(("pin", pin), ("switch_at", at), ("by", by.Name)),
            });
        audit.Append(
            session, by, AuditActions.CertificateRotate, pin, AuditOutcomes.Done,
            ("before", $"{state.Current.Pin}"), ("switch_at", at));
    }

    [LoggerMessage(
        1610, LogLevel.Information, "The certificate with {Pin} is announced to the hosts; it is used from {At} on")]
    private static partial void LogAnnounced(ILogger logger, string pin, DateTimeOffset at);

    [LoggerMessage(1611, LogLevel.Information, "The certificate with {Pin} is used from now on")]
    private static partial void LogSwitched(ILogger logger, string pin);

    [LoggerMessage(1612, LogLevel.Error, "{Why}; the certificate in use stays")]
    private static partial void LogRefused(ILogger logger, string why);
}
