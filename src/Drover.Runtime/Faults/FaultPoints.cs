namespace Drover.Runtime.Faults;

/// <summary>
/// The closed list of points at which a test stops a process, named by what has just happened. The page of decisions
/// on fault points lists the same names; a test keeps both and the code together.
/// </summary>
public static class FaultPoints
{
    /// <summary>Enrolled role: the key is on disk, the server has not been asked.</summary>
    public const string EnrollKeyWritten = "enroll.key-written";

    /// <summary>Enrolled role: the server answered, the credentials are not written.</summary>
    public const string EnrollAnswered = "enroll.answered";

    /// <summary>Enrolled role: the credentials are on disk, nothing else was done with them.</summary>
    public const string EnrollCredentialsWritten = "enroll.credentials-written";

    /// <summary>Server: the token is used up in a transaction that is not committed.</summary>
    public const string EnrollTokenConsumed = "enroll.token-consumed";

    /// <summary>Server: token and host are committed, the answer is not sent.</summary>
    public const string EnrollCommitted = "enroll.committed";

    /// <summary>Server: an order is committed, the person has no answer.</summary>
    public const string OrderStored = "order.stored";

    /// <summary>Server: a command is leased, the host has no answer.</summary>
    public const string DeliveryLeased = "delivery.leased";

    /// <summary>Host agent: a command arrived, nothing was done with it.</summary>
    public const string DeliveryReceived = "delivery.received";

    /// <summary>Host agent: the server may know that the command began, the journal does not.</summary>
    public const string ExecutionDue = "execution.due";

    /// <summary>Host agent: the journal knows the command, the engine was not asked.</summary>
    public const string ExecutionJournalled = "execution.journalled";

    /// <summary>Host agent: the engine did it, the journal does not know.</summary>
    public const string ExecutionDone = "execution.done";

    /// <summary>Host agent: the outcome is in the journal and not in the spool.</summary>
    public const string ReportJournalled = "report.journalled";

    /// <summary>Host agent: the outcome is in the spool and not sent.</summary>
    public const string ReportSpooled = "report.spooled";

    /// <summary>Server: the outcome is committed, the host has no answer.</summary>
    public const string ReportStored = "report.stored";

    /// <summary>Host agent: the server has the outcome, the journal does not know.</summary>
    public const string ReportSent = "report.sent";

    /// <summary>Host agent: the journal knows that the server has the outcome, the spool does not.</summary>
    public const string ReportSettled = "report.settled";

    /// <summary>Enrolled role: events are in the spool, the ledger does not say that they were told.</summary>
    public const string EventsSpooled = "events.spooled";

    /// <summary>Enrolled role: spool and ledger both have the events, nothing is sent.</summary>
    public const string EventsRecorded = "events.recorded";

    /// <summary>Server: the events are committed, the host has no answer.</summary>
    public const string EventsStored = "events.stored";

    /// <summary>Enrolled role: the server has the events, the spool does not know.</summary>
    public const string EventsSent = "events.sent";

    /// <summary>Role with webhooks: a receiver has the event, its queue does not know.</summary>
    public const string WebhookSent = "webhook.sent";

    /// <summary>Enrolled role: the new key is on disk beside the old one, the server has not been told.</summary>
    public const string KeyWritten = "key.written";

    /// <summary>Server: the new key is committed beside the old one, the host has no answer.</summary>
    public const string KeyStored = "key.stored";

    /// <summary>Enrolled role: the server has the new key, the file still names the old one.</summary>
    public const string KeyAnswered = "key.answered";

    /// <summary>Enrolled role: the file names the new key, nothing was signed with it.</summary>
    public const string KeySwitched = "key.switched";

    /// <summary>Server: the old key is gone, the first request under the new one has no answer.</summary>
    public const string KeyPromoted = "key.promoted";

    /// <summary>Supervisor: the order to launch an instance is on disk, nothing was launched.</summary>
    public const string LaunchRecorded = "launch.recorded";

    /// <summary>Supervisor: the instance runs, who it is was not recorded.</summary>
    public const string LaunchSpawned = "launch.spawned";

    /// <summary>Supervisor: who the instance is was recorded, nothing was done with it.</summary>
    public const string LaunchIdentified = "launch.identified";

    /// <summary>Supervisor: that the instance shall end is on disk, it was not told.</summary>
    public const string StopRecorded = "stop.recorded";

    /// <summary>Supervisor: the front of a log is copied, the copy is no archive yet.</summary>
    public const string LogCopied = "log.copied";

    /// <summary>Supervisor: the copy is an archive, its bytes do not count as archived.</summary>
    public const string LogNamed = "log.named";

    /// <summary>Supervisor: the bytes count as archived, the front of the log is still there.</summary>
    public const string LogRecorded = "log.recorded";

    /// <summary>Supervisor: a mark stands over the front, the notes do not say so.</summary>
    public const string LogMarked = "log.marked";

    /// <summary>Supervisor: the notes say that the mark stands, the front is still there.</summary>
    public const string LogAnnounced = "log.announced";

    /// <summary>Supervisor: the front is gone, the notes do not know.</summary>
    public const string LogRemoved = "log.removed";

    /// <summary>Every name there is.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        EnrollKeyWritten, EnrollAnswered, EnrollCredentialsWritten, EnrollTokenConsumed, EnrollCommitted,
        OrderStored,
        DeliveryLeased, DeliveryReceived,
        ExecutionDue, ExecutionJournalled, ExecutionDone,
        ReportJournalled, ReportSpooled, ReportStored, ReportSent, ReportSettled,
        EventsSpooled, EventsRecorded, EventsStored, EventsSent,
        WebhookSent,
        KeyWritten, KeyStored, KeyAnswered, KeySwitched, KeyPromoted,
        LaunchRecorded, LaunchSpawned, LaunchIdentified, StopRecorded,
        LogCopied, LogNamed, LogRecorded, LogMarked, LogAnnounced, LogRemoved,
    ];
}
