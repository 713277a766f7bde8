using Drover.Core.Audit;
using Drover.Core.Events;
using Drover.Runtime.Storage;
using Drover.Server.Features.Audit;
using Drover.Server.Features.Commands;
using Drover.Server.Features.Enrollment;
using Drover.Server.Features.Events;
using Drover.Wire.Commands;

namespace Drover.Server.Features.Backup;

/// <summary>
/// Makes a database of the past fit for the present, before a server opens it (docs/decisions/0050): event ids go on
/// beyond all that were given after the backup; commands whose host may have executed and forgotten them are ended;
/// enrollment tokens that may have been used since are ended; event stream and audit say what happened.
/// </summary>
internal sealed class RestoredDatabase(Database database, TimeProvider time)
{
    /// <summary>
    /// More than any server gives between two backups, so that no reader's cursor from before points into what comes.
    /// </summary>
    public const long EventGap = 1_000_000_000;

    /// <summary>
    /// How long after its order a host surely knows what came of a command. Its journal keeps two days.
    /// </summary>
    public static readonly TimeSpan HostsRemember = TimeSpan.FromHours(24);

    private const string Forgotten =
        "the server was restored from a backup; whether the host executed it is not known any more";

    /// <summary>Does all of it in one transaction.</summary>
    /// <param name="manifest">Of the backup.</param>
    /// <param name="forgetful">The host whose journal was lost with the server's data; null when none was.</param>
    /// <param name="person">Who restores.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<RestoredState> ContinueAsync(
        BackupManifest manifest, string? forgetful, string person, CancellationToken cancellationToken)
    {
        var events = new EventLog(database);
        await events.LoadAsync(cancellationToken);
        events.Skip(EventGap);
        return await database.WriteAsync(
            session =>
            {
                var now = time.GetUtcNow();
                var audit = new AuditLog(time);
                var unfinished = CommandStore.Unfinished(session);
                var ended = unfinished
                    .Where(row => row.HostId == forgetful || now - row.CreatedAt >= HostsRemember)
                    .ToList();
                var tokens = EnrollmentTokenStore.RevokeAll(session, now);
                events.Append(session, new EventDraft(EventTypes.ServerRestored, now, manifest.Machine)
                {
                    Data = EventDraft.Fields(
                        ("taken_at", Text(manifest.TakenAt)), ("commands_ended", ended.Count)),
                });
                audit.Append(
                    session,
                    new AuditActor(AuditActorKinds.Person, person),
                    AuditActions.ServerRestore,
                    Text(manifest.TakenAt),
                    AuditOutcomes.Done,
                    ("version", manifest.Version));
                ended.ForEach(row => End(session, events, audit, row, now));
                return new RestoredState(
                    (int)session.Number("SELECT COUNT(*) FROM hosts WHERE removed_at IS NULL"),
                    ended.Count,
                    unfinished.Count - ended.Count,
                    tokens);
            },
            cancellationToken);
    }

    private static void End(
        DbSession session, EventLog events, AuditLog audit, CommandRow row, DateTimeOffset now)
    {
        CommandStore.End(session, row.CommandId, CommandStates.Expired, Forgotten, now);
        var ended = row with { State = CommandStates.Expired, Error = Forgotten, CompletedAt = now };
        events.Append(session, CommandEvents.Of(EventTypes.CommandExpired, ended, now));
        audit.Append(
            session,
            AuditActor.System("restore"),
            AuditActions.CommandExpire,
            ended.CommandId,
            AuditOutcomes.Failed,
            [.. CommandAudit.DetailsOf(ended), ("why", Forgotten)]);
    }

    private static string Text(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>What the restored database holds.</summary>
/// <param name="Hosts">Enrolled hosts.</param>
/// <param name="CommandsEnded">Ended because nobody knows whether they were executed.</param>
/// <param name="CommandsLeft">Given to their hosts again, which know.</param>
/// <param name="TokensEnded">Enrollment tokens that cannot be used any more.</param>
public sealed record RestoredState(int Hosts, int CommandsEnded, int CommandsLeft, int TokensEnded);
